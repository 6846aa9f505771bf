import fc from 'fast-check';
import { RequestView } from './routed-request.ts';

function query(target: string, name: string): string | undefined {
  return new RequestView('GET', target, []).query(name);
}

describe('RequestView', () => {
  it('finds a header whatever its case, and joins several lines in their order', () => {
    const view = new RequestView('GET', '/', ['X-A', '1', 'Host', 'a.test', 'x-a', '2', 'X-a', '', 'X-Empty', '']);
    expect(view.header('x-a')).toBe('1, 2, ');
    expect(view.header('x-empty')).toBe('');
    expect(view.header('x-b')).toBeUndefined();
    expect(view.header('__proto__')).toBeUndefined();
  });

  it.each([
    ['/?a=1', 'a', '1'],
    ['/?b=2&a=1', 'a', '1'],
    ['/?a=1&a=2', 'a', '1'],
    ['/?a', 'a', ''],
    ['/?a=', 'a', ''],
    ['/?a=b=c', 'a', 'b=c'],
    ['/?%61=%31', 'a', '1'],
    ['/?a+b=c+d', 'a b', 'c d'],
    ['/?a=%2B', 'a', '+'],
    ['/?a=%C3%A4', 'a', 'ä'],
    ['/?a=%', 'a', '%'],
    ['/?a=%zz%3', 'a', '%zz%3'],
    ['/?%zz=1', '%zz', '1'],
    ['/?A=1', 'a', undefined],
    ['/?b=?a=1', 'a', undefined],
    ['/??a=1', '?a', '1'],
    ['/?&&a=1&', 'a', '1'],
    ['/a=1', 'a', undefined],
    ['/a=1?', 'a', undefined],
    ['*', 'a', undefined],
  ])('reads from %s the parameter %s as %s', (target, name, value) => {
    expect(query(target, name)).toBe(value);
  });

  it('decodes what was encoded, whatever it is', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, (name, value) => {
        const encoded = `/?x&${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
        fc.pre(name !== 'x');
        expect(query(encoded, name)).toBe(value);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it('never fails on what a client sends', () => {
    const target = fc.string({ unit: fc.constantFrom('%', '&', '=', '+', 'f', '8', '?', ';'), maxLength: 30 });
    fc.assert(
      fc.property(target, target, (sent, name) => {
        expect(() => query(`/?${sent}`, name)).not.toThrow();
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it('goes through the fields once, however many routes ask', () => {
    const fields = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const lowered = jest.spyOn(String.prototype, 'toLowerCase');
    const view = new RequestView('GET', '/', fields);
    for (let asked = 0; asked < 50; asked++) view.header('absent');
    const calls = lowered.mock.calls.length;
    lowered.mockRestore();
    expect(calls).toBe(100);
  });
});
