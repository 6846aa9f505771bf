import fc from 'fast-check';
import { PickerStage, runs } from './picker-stage.cases.ts';

const loads = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,3}$/),
  fc.record({ weight: fc.integer({ min: 1, max: 1_000 }), inFlight: fc.nat(50) }),
  { minKeys: 1, maxKeys: 10, noNullPrototype: true },
);

describe('least_connections', () => {
  it('picks one of those with the fewest requests in flight for their weight', () => {
    fc.assert(
      fc.property(loads, (of) => {
        const stage = new PickerStage('least_connections', of);
        for (const [name, { inFlight }] of Object.entries(of)) {
          for (let request = 0; request < inFlight; request++) stage.begin(name);
        }
        const picked = of[stage.name()]!;
        for (const other of Object.values(of)) {
          expect(picked.inFlight * other.weight).toBeLessThanOrEqual(other.inFlight * picked.weight);
        }
      }),
      runs,
    );
  });

  it('draws among equals by weight', () => {
    const stage = new PickerStage('least_connections', { a: 1, b: 3, c: 4, d: 8 });
    stage.begin('c');
    const counts = stage.counts(6_000);
    expect(counts['c']).toBeUndefined();
    for (const [name, share] of Object.entries({ a: 1, b: 3, d: 8 })) {
      expect(counts[name]! / ((6_000 * share) / 12)).toBeGreaterThan(0.8);
      expect(counts[name]! / ((6_000 * share) / 12)).toBeLessThan(1.2);
    }
  });

  it('fills servers up by their weights', () => {
    const of = { a: 1, b: 2, c: 5 };
    const stage = new PickerStage('least_connections', of);
    for (let request = 0; request < 80; request++) stage.begin(stage.name());
    expect(Object.keys(of).map((name) => stage.load(name))).toEqual([10, 20, 50]);
  });

  it('counts a server in slow start for a part of its weight', () => {
    const stage = new PickerStage('least_connections', { a: 1, b: 1 }, { slowStartMs: 1_000 });
    stage.ramp('b');
    for (let request = 0; request < 110; request++) stage.begin(stage.name());
    expect([stage.load('a'), stage.load('b')]).toEqual([100, 10]);
    stage.clock.advance(1_000);
    for (let request = 0; request < 90; request++) stage.begin(stage.name());
    expect([stage.load('a'), stage.load('b')]).toEqual([100, 100]);
  });
});
