import { systemClock, type Clock } from '@headgate/shared/clock';
import { SessionValues } from '../affinity/session-values.ts';
import { BackendTraffic } from '../upstream/backend-traffic.ts';
import type { ServerSlots } from '../upstream/server-slots.ts';
import { checkReferences } from './check-references.ts';
import { compileChange } from './compile-change.ts';
import { countUsage } from './count-usage.ts';
import type { CompileFault, ServingTable, SnapshotChange, TableDifference } from './serving-table.ts';
import { sortChange } from './sort-change.ts';
import { TimeSlice, YIELD_EVERY_MS } from './time-slice.ts';

export interface PrepareOptions {
  /** How long the event loop may be held at a time. Default 5. */
  readonly yieldEveryMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** What lots are drawn by, from 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Of the servers of backends that have sessions. Default: without keys, so that nobody has a session. */
  readonly values?: SessionValues | undefined;
  /** Where what is under way for a new backend is counted. Default: for itself. */
  readonly traffic?: ((backend: string) => BackendTraffic) | undefined;
}

export type PreparedTable =
  | { readonly ok: true; readonly table: ServingTable; readonly servers: TableDifference }
  | { readonly ok: false; readonly faults: readonly CompileFault[] };

/**
 * Compiles a change beside the table that is served, or says everything that is wrong with it.
 *
 * 1. Every object that the change brings is checked by itself. What equals the table is left out; of a full snapshot,
 *    what the table has beyond it is removed. From here on a full snapshot costs no more than what differs.
 * 2. References are checked: routes and servers name backends that will exist, and no removed backend is used.
 * 3. Only when nothing is wrong are slots acquired, so a faulty change leaves nothing behind.
 * 4. What changes is compiled; the rest is shared with the table before.
 *
 * Nothing of `base` changes and nothing is served yet. Whoever drops the result instead of publishing it has to retire
 * the slots of `added`. One change at a time.
 */
export async function prepareTable(
  base: ServingTable,
  change: SnapshotChange,
  slots: ServerSlots,
  {
    yieldEveryMs = YIELD_EVERY_MS,
    clock = systemClock,
    random = Math.random,
    values = new SessionValues(),
    traffic = () => new BackendTraffic(),
  }: PrepareOptions = {},
): Promise<PreparedTable> {
  const slice = new TimeSlice(yieldEveryMs, clock);
  const { sorted, faults: objectFaults } = await sortChange(base, change, slice);
  const usage = await countUsage(base, sorted, slice);
  const faults = [...objectFaults, ...(await checkReferences({ base, sorted, usage }, slice))];
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    ...(await compileChange({ base, id: change.id, sorted, usage, slots, slice, clock, random, values, traffic })),
  };
}
