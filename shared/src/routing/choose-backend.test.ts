import fc from 'fast-check';
import { chooseBackend } from './choose-backend.ts';

const fractions = Array.from({ length: 1_000 }, (_, index) => index / 1_000);
const almostOne = 1 - 2 ** -53;

function countChoices(backends: readonly { readonly name: string; readonly weight: number }[]) {
  const counts: Record<string, number> = {};
  for (const fraction of fractions) {
    const name = chooseBackend({ backends }, fraction);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('chooseBackend', () => {
  it('takes the only backend', () => {
    expect([0, 0.5, almostOne].map((fraction) => chooseBackend({ backend: 'web' }, fraction))).toEqual(
      Array(3).fill('web'),
    );
  });

  it('gives every backend the share of its weight', () => {
    expect(
      countChoices([
        { name: 'a', weight: 1 },
        { name: 'b', weight: 7 },
        { name: 'c', weight: 2 },
      ]),
    ).toEqual({ a: 100, b: 700, c: 200 });
  });

  it('never takes one with the weight 0, wherever it stands', () => {
    const nobody = { name: 'nobody', weight: 0 };
    expect(countChoices([nobody, { name: 'a', weight: 3 }, nobody, { name: 'b', weight: 1 }, nobody])).toEqual({
      a: 750,
      b: 250,
    });
  });

  it('always takes one that has a weight, up to the last fraction below 1', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 16 });
    const fraction = fc.oneof(fc.double({ min: 0, max: almostOne, noNaN: true }), fc.constantFrom(0, almostOne));
    fc.assert(
      fc.property(weights, fraction, (some, random01) => {
        fc.pre(some.some((weight) => weight > 0));
        const backends = some.map((weight, index) => ({ name: `b${index}`, weight }));
        const chosen = backends.find(({ name }) => name === chooseBackend({ backends }, random01));
        expect(chosen?.weight).toBeGreaterThan(0);
      }),
      { numRuns: 500, seed: 5 },
    );
  });
});
