import type { Candidate } from '../balancing/candidate.ts';
import type { ServingTable } from './serving-table.ts';

/** A server of a table, by halving. */
export function findCandidate(table: ServingTable, backend: string, serverKey: string): Candidate | undefined {
  const candidates = table.backends.get(backend)?.candidates ?? [];
  let [low, high] = [0, candidates.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (candidates[middle]!.server.key < serverKey) low = middle + 1;
    else high = middle;
  }
  const found = candidates[low];
  return found?.server.key === serverKey ? found : undefined;
}
