import type { ObjectKey } from '@headgate/shared/snapshot/snapshot-object';
import type { Finding } from './finding.ts';
import { readRemoval, readUpsert, split, type ChangeSoFar, type Upsert } from './read-change.ts';
import type { CompileFault, ServingTable, SnapshotChange } from './serving-table.ts';
import { serversOf, type SortedChange } from './sorted-change.ts';
import type { TimeSlice } from './time-slice.ts';

interface Sorting extends ChangeSoFar {
  /** What the change brings just as the table has it: the table's own objects, which cost little to remember. */
  readonly unchanged: Set<object>;
  readonly faults: CompileFault[];
  readonly slice: TimeSlice;
}

/**
 * Reads a change: checks every object by itself, leaves out what is served already as it is, and, when the change is a
 * full snapshot, adds what goes because it is no longer there. From here on full and delta are the same.
 */
export async function sortChange(
  base: ServingTable,
  change: SnapshotChange,
  slice: TimeSlice,
): Promise<{ readonly sorted: SortedChange; readonly faults: readonly CompileFault[] }> {
  const sorted: SortedChange = { backends: new Map(), servers: new Map(), hosts: new Map() };
  const sorting: Sorting = { base, sorted, unchanged: new Set(), faults: [], slice };
  for (const object of change.upserts) {
    if (slice.isOver()) await slice.pause();
    sortUpsert(sorting, readUpsert(sorting, object));
  }
  if (change.full) await removeUnseen(sorting);
  for (const key of change.removals) {
    if (slice.isOver()) await slice.pause();
    sortRemoval(sorting, key);
  }
  return sorting;
}

function sortUpsert(sorting: Sorting, upsert: Upsert): void {
  const { current, findings, isChanged, isSame, change } = upsert;
  if (isChanged || (current !== undefined && sorting.unchanged.has(current))) return report(sorting, upsert, duplicate);
  for (const finding of findings) report(sorting, upsert, finding);
  if (current !== undefined && isSame) sorting.unchanged.add(current);
  else change();
}

const duplicate: Finding = { field: '', code: 'duplicate_object', reason: 'is there twice' };

async function removeUnseen({ base, sorted, unchanged, slice }: Sorting): Promise<void> {
  for (const { pattern } of base.hosts.hosts()) {
    if (slice.isOver()) await slice.pause();
    if (!unchanged.has(base.hosts.get(pattern)!)) remove(sorted.hosts, pattern);
  }
  for (const backend of base.backends.values()) {
    const { name } = backend.settings;
    if (!unchanged.has(backend)) remove(sorted.backends, name);
    for (const candidate of backend.candidates) {
      if (slice.isOver()) await slice.pause();
      if (!unchanged.has(candidate)) remove(serversOf(sorted, name), candidate.server.key);
    }
  }
}

/** Unless the change brings it. */
function remove(changes: Map<string, unknown>, name: string): void {
  if (!changes.has(name)) changes.set(name, undefined);
}

/** Takes an object out. To remove what is not there is no change. */
function sortRemoval(sorting: Sorting, key: ObjectKey): void {
  const [kind, name] = split(key);
  const removal = readRemoval(sorting, kind, name);
  if (removal === undefined) return report(sorting, { kind, name }, unknownKind);
  const { current, isChanged, change } = removal;
  const isUnchanged = current !== undefined && sorting.unchanged.has(current);
  if (isUnchanged || isChanged) return report(sorting, { kind, name }, contradiction);
  if (current !== undefined) change();
}

const unknownKind: Finding = {
  field: '',
  code: 'unknown_kind',
  reason: 'is of a kind that this data plane does not know',
};
const contradiction: Finding = { field: '', code: 'contradiction', reason: 'is changed and removed at once' };

/** Keys of valid objects are far shorter. */
const MAX_KEY = 400;

function report(
  { faults }: Sorting,
  { kind, name }: { readonly kind: string; readonly name: string },
  finding: Finding,
): void {
  faults.push({ object: `${kind}/${name}`.slice(0, MAX_KEY), ...finding });
}
