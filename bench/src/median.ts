import { percentile } from './percentile.ts';

/** The middle of the samples. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** The median of what was measured in one round over what was measured in the same round for something else. */
export function medianOfRatios(of: readonly number[], over: readonly number[]): number {
  return median(of.map((value, round) => value / (over[round] ?? NaN)));
}
