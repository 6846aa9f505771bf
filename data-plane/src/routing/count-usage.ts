import { backendNamesOf, type Host } from '@headgate/shared/model/host';
import type { ServingTable } from './serving-table.ts';
import type { SortedChange } from './sorted-change.ts';
import type { TimeSlice } from './time-slice.ts';

/** How many of the changed hosts name a backend in their routes. */
export interface Usage {
  /** As they stand in the table that is changed. */
  readonly before: ReadonlyMap<string, number>;
  readonly after: ReadonlyMap<string, number>;
}

/** Counts over the hosts that change; all the others go on as they are. */
export async function countUsage(base: ServingTable, sorted: SortedChange, slice: TimeSlice): Promise<Usage> {
  const [before, after] = [new Map<string, number>(), new Map<string, number>()];
  for (const [pattern, host] of sorted.hosts) {
    if (slice.isOver()) await slice.pause();
    count(before, base.hosts.get(pattern)?.host);
    count(after, host);
  }
  return { before, after };
}

function count(counts: Map<string, number>, host: Host | undefined): void {
  for (const backend of backendsOf(host)) counts.set(backend, (counts.get(backend) ?? 0) + 1);
}

/** Each one once. */
function backendsOf(host: Host | undefined): ReadonlySet<string> {
  return new Set(host?.routes.flatMap(backendNamesOf));
}
