import type { Backend } from '@headgate/shared/model/backend';
import type { HostTable } from '@headgate/shared/routing/host-table';
import type { Server } from '@headgate/shared/model/server';
import type { ShardedMap } from '@headgate/shared/sharded-map';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import { findAlgorithm } from '../balancing/algorithms.ts';
import type { Candidate, Picker, PickPosition } from '../balancing/picker.ts';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import type { Usage } from './count-usage.ts';
import { mergeCandidates } from './merge-candidates.ts';
import type { CompiledBackend, ServingTable, TableDifference } from './serving-table.ts';
import type { SortedChange } from './sorted-change.ts';
import type { TimeSlice } from './time-slice.ts';

/** A change that was found to be sound, and what it is made on. */
export interface SoundChange {
  readonly base: ServingTable;
  readonly id: SnapshotId;
  readonly sorted: SortedChange;
  readonly usage: Usage;
  readonly slots: ServerSlots;
  readonly slice: TimeSlice;
}

interface Compilation extends SoundChange {
  readonly added: ServerSlot[];
  readonly removed: ServerSlot[];
  readonly changedBackends: string[];
}

/** The table after a change, at the cost of the change. Acquires the slots of new servers. */
export async function compileChange(
  change: SoundChange,
): Promise<{ readonly table: ServingTable; readonly servers: TableDifference }> {
  const compilation: Compilation = { ...change, added: [], removed: [], changedBackends: [] };
  const { added, removed, changedBackends } = compilation;
  try {
    const hosts = await compileHosts(change);
    const backends = await compileBackends(compilation);
    return { table: { id: change.id, hosts, backends }, servers: { added, removed, changedBackends } };
  } catch (error) {
    for (const { key } of added) change.slots.retire(key);
    throw error;
  }
}

async function compileHosts({ base, sorted, slice }: SoundChange): Promise<HostTable> {
  if (sorted.hosts.size === 0) return base.hosts;
  const draft = base.hosts.edit();
  for (const [pattern, host] of sorted.hosts) {
    if (slice.isOver()) await slice.pause();
    if (host === undefined) draft.delete(pattern);
    else draft.set(host);
  }
  return draft.done();
}

async function compileBackends(compilation: Compilation): Promise<ShardedMap<CompiledBackend>> {
  const { base, sorted, usage, slice } = compilation;
  const touched = new Set([
    ...sorted.backends.keys(),
    ...sorted.servers.keys(),
    ...usage.before.keys(),
    ...usage.after.keys(),
  ]);
  if (touched.size === 0) return base.backends;
  const draft = base.backends.edit();
  for (const name of touched) {
    if (slice.isOver()) await slice.pause();
    const before = base.backends.get(name);
    const after = await compileBackend(compilation, name);
    if (after === undefined) draft.delete(name);
    else if (after !== before) draft.set(name, after);
  }
  return draft.done();
}

/** Undefined when the backend goes. */
async function compileBackend(compilation: Compilation, name: string): Promise<CompiledBackend | undefined> {
  const { base, sorted, usage } = compilation;
  const before = base.backends.get(name);
  const candidates = await compileCandidates(compilation, name);
  const settings = sorted.backends.has(name) ? sorted.backends.get(name) : before?.settings;
  if (settings !== before?.settings || candidates !== before?.candidates) compilation.changedBackends.push(name);
  if (settings === undefined) return undefined;
  const usedBy = (before?.usedBy ?? 0) - (usage.before.get(name) ?? 0) + (usage.after.get(name) ?? 0);
  if (before?.settings === settings && before.candidates === candidates && before.usedBy === usedBy) return before;
  const position = before?.position ?? { lastKey: '' };
  return {
    settings,
    candidates,
    position,
    usedBy,
    picker: compilePicker(compilation, { settings, candidates, position }),
  };
}

async function compileCandidates(compilation: Compilation, name: string): Promise<readonly Candidate[]> {
  const before = compilation.base.backends.get(name)?.candidates ?? [];
  const changes = compilation.sorted.servers.get(name);
  if (changes === undefined) return before;
  for (const { server } of before) {
    if (changes.has(server.key) && changes.get(server.key) === undefined) compilation.removed.push(server);
  }
  const acquire = (key: string, server: Server) => acquireSlot(compilation, key, server);
  return mergeCandidates({ before, changes, acquire }, compilation.slice);
}

function acquireSlot({ slots, added }: Compilation, key: string, { backend, address, port }: Server): ServerSlot {
  const server = slots.acquire({ key, backend, address, port });
  added.push(server);
  return server;
}

interface PickerParts {
  readonly settings: Backend;
  readonly candidates: readonly Candidate[];
  readonly position: PickPosition;
}

/** A picker goes on as it is while nothing changes that it depends on. */
function compilePicker({ base, slots }: Compilation, { settings, candidates, position }: PickerParts): Picker {
  const before = base.backends.get(settings.name);
  if (before?.candidates === candidates && before.settings.algorithm === settings.algorithm) return before.picker;
  const create = findAlgorithm(settings.algorithm);
  if (create === undefined) throw new Error(`a checked backend has the unknown algorithm ${settings.algorithm}`);
  return create({ candidates, slots, position });
}
