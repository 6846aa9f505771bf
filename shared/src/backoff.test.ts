import fc from 'fast-check';
import { backoffDelay } from './backoff.ts';

const options = { baseMs: 100, maxMs: 5_000 };

describe('backoffDelay', () => {
  it('doubles its bound with every attempt up to the maximum', () => {
    const highest = [0, 1, 2, 3, 6, 100, 100_000].map((attempt) =>
      backoffDelay(attempt, { ...options, random: () => 1 }),
    );
    expect(highest).toEqual([100, 200, 400, 800, 5_000, 5_000, 5_000]);
  });

  it('draws from the upper half of the bound', () => {
    expect(backoffDelay(2, { ...options, random: () => 0 })).toBe(200);
    expect(backoffDelay(2, { ...options, random: () => 0.5 })).toBe(300);
  });

  it('stays between half the base and the maximum, whatever the attempt and the dice', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, dice) => {
        const delay = backoffDelay(attempt, { ...options, random: () => dice });
        return delay >= 50 && delay <= 5_000;
      }),
    );
  });

  it('draws by itself when it is given no dice', () => {
    const delays = new Set(Array.from({ length: 50 }, () => backoffDelay(3, options)));
    expect(delays.size).toBeGreaterThan(1);
  });
});
