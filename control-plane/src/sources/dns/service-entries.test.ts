import { serviceEntries, type ServiceTarget } from './service-entries.ts';

const target = (number: number, fields: Partial<ServiceTarget> = {}): ServiceTarget => ({
  target: `web-${number}.test`,
  port: 80,
  priority: 0,
  weight: 1,
  addresses: [`10.0.0.${number}`],
  ...fields,
});

const numbersOf = (
  targets: readonly ServiceTarget[],
): Readonly<Record<string, readonly [weight: number, priority: number]>> =>
  Object.fromEntries(
    serviceEntries(targets).map(({ server }) => {
      const { address, weight, priority } = server as Readonly<Record<'weight' | 'priority', number>> & {
        readonly address: string;
      };
      return [address, [weight, priority]];
    }),
  );

describe('serviceEntries', () => {
  it('numbers priorities by their rank, the last ones together', () => {
    const targets = Array.from({ length: 18 }, (_, index) => target(index, { priority: 65_535 - index * 100 }));
    const numbers = numbersOf(targets);
    expect(numbers['10.0.0.17']).toEqual([1, 0]);
    expect(numbers['10.0.0.16']).toEqual([1, 1]);
    expect(numbers['10.0.0.2']).toEqual([1, 15]);
    expect(numbers['10.0.0.0']).toEqual([1, 15]);
  });

  it('takes a weight of 0 for 1', () => {
    expect(numbersOf([target(1, { weight: 0 }), target(2, { weight: 0 })])).toEqual({
      '10.0.0.1': [1, 0],
      '10.0.0.2': [1, 0],
    });
  });

  it('makes weights beyond 1,000 smaller together, within their priority', () => {
    const heavy = [target(1, { weight: 65_535 }), target(2, { weight: 32_768 }), target(3, { weight: 1 })];
    expect(numbersOf([...heavy, target(4, { weight: 999, priority: 5 })])).toEqual({
      '10.0.0.1': [1_000, 0],
      '10.0.0.2': [500, 0],
      '10.0.0.3': [1, 0],
      '10.0.0.4': [999, 1],
    });
  });

  it('takes an address that two records name from the one that is used first', () => {
    const addresses = ['10.0.0.9'];
    const targets = [
      target(1, { addresses, priority: 2, weight: 7 }),
      target(2, { addresses, priority: 1, weight: 3 }),
      target(3, { addresses, priority: 1, weight: 5 }),
      target(4, { addresses, port: 81 }),
    ];
    const entries = serviceEntries(targets);
    expect(entries.map(({ name }) => name)).toEqual(['web-4.test 10.0.0.9:81', 'web-3.test 10.0.0.9:80']);
    expect(entries[1]?.server).toEqual({ address: '10.0.0.9', port: 80, weight: 5, priority: 1 });
  });

  it('does not depend on the order of the answer', () => {
    const targets = [target(1), target(2, { weight: 5 }), target(3, { priority: 1 }), target(4)];
    expect(serviceEntries(targets.toReversed())).toEqual(serviceEntries(targets));
  });
});
