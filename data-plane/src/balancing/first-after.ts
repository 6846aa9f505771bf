import type { Candidate } from './candidate.ts';

/** Index of the first candidate whose key is greater, by halving; their number when there is none. */
export function firstAfter(candidates: readonly Candidate[], key: string): number {
  let [low, high] = [0, candidates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (candidates[middle]!.server.key > key) high = middle;
    else low = middle + 1;
  }
  return low;
}
