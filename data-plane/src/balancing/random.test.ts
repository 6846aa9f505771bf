import fc from 'fast-check';
import { PickerStage, runs } from './picker-stage.cases.ts';

const of = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.integer({ min: 1, max: 10 }), {
  minKeys: 1,
  maxKeys: 6,
  noNullPrototype: true,
});

describe('random', () => {
  it('gives shares by weight among those that can be used', () => {
    fc.assert(
      fc.property(of, fc.nat(), fc.nat(), (weights, seed, index) => {
        const stage = new PickerStage('random', weights, { seed });
        const dead = Object.keys(weights)[index % Object.keys(weights).length]!;
        if (Object.keys(weights).length > 1) stage.kill(dead);
        const alive = Object.entries(weights).filter(([name]) => stage.slots.verdicts[stage.server(name).slot] !== 2);
        const total = alive.reduce((sum, [, weight]) => sum + weight, 0);
        const counts = stage.counts(3_000);
        for (const [name, weight] of alive) {
          const share = weight / total;
          // Six standard deviations: never, in a few hundred runs.
          const tolerance = 6 * Math.sqrt(3_000 * share * (1 - share)) + 1;
          expect(Math.abs((counts[name] ?? 0) - 3_000 * share)).toBeLessThanOrEqual(tolerance);
        }
      }),
      runs,
    );
  });

  it('takes the lots it is given', () => {
    const names = (seed: number) => new PickerStage('random', { a: 1, b: 1, c: 2 }, { seed }).names(20);
    expect(names(7)).toEqual(names(7));
    expect(names(7)).not.toEqual(names(8));
  });

  it('gives shares by weight when nearly all servers are out', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`s${index}`, 1]));
    const stage = new PickerStage('random', { ...many, heavy: 3, light: 1 });
    stage.kill(...Object.keys(many));
    const counts = stage.counts(4_000);
    expect(Object.keys(counts).sort()).toEqual(['heavy', 'light']);
    expect(counts['heavy']! / 3_000).toBeGreaterThan(0.9);
    expect(counts['heavy']! / 3_000).toBeLessThan(1.1);
  });
});
