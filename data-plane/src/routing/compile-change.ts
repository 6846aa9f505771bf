import type { Clock } from '@headgate/shared/clock';
import type { HostTable } from '@headgate/shared/routing/host-table';
import type { Server } from '@headgate/shared/model/server';
import type { ShardedMap } from '@headgate/shared/sharded-map';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import { compileAffinity } from '../affinity/compile-affinity.ts';
import type { SessionValues } from '../affinity/session-values.ts';
import type { Candidate } from '../balancing/candidate.ts';
import { PickPosition } from '../balancing/pick-position.ts';
import { beginRamp } from '../balancing/slow-start.ts';
import type { BackendTraffic } from '../upstream/backend-traffic.ts';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import { compileChoice, type BackendParts } from './compile-choice.ts';
import type { Usage } from './count-usage.ts';
import { mergeCandidates } from './merge-candidates.ts';
import type { CompiledBackend, ServingTable, StateChange, TableDifference } from './serving-table.ts';
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
  /** What slow start is measured by. */
  readonly clock: Clock;
  /** What lots are drawn by, from 0 to below 1. */
  readonly random: () => number;
  /** Of the servers of backends that have sessions. */
  readonly values: SessionValues;
  /** Where what is under way for a new backend is counted. */
  readonly traffic: (backend: string) => BackendTraffic;
}

interface Compilation extends SoundChange {
  readonly added: ServerSlot[];
  readonly removed: ServerSlot[];
  readonly stateChanges: StateChange[];
  readonly changedBackends: string[];
}

/** The table after a change, at the cost of the change. Acquires the slots of new servers. */
export async function compileChange(
  change: SoundChange,
): Promise<{ readonly table: ServingTable; readonly servers: TableDifference }> {
  const compilation: Compilation = { ...change, added: [], removed: [], stateChanges: [], changedBackends: [] };
  const { added, removed, stateChanges, changedBackends } = compilation;
  try {
    const hosts = await compileHosts(change);
    const backends = await compileBackends(compilation);
    return { table: { id: change.id, hosts, backends }, servers: { added, removed, stateChanges, changedBackends } };
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
  const parts: BackendParts = {
    settings,
    candidates,
    position: before?.position ?? new PickPosition(),
    traffic: before?.traffic ?? compilation.traffic(name),
  };
  const choice = compileChoice(compilation, parts, before);
  const affinity = await compileAffinity({ ...parts, ...choice }, before, compilation);
  return { ...parts, ...choice, affinity, usedBy };
}

async function compileCandidates(compilation: Compilation, name: string): Promise<readonly Candidate[]> {
  const before = compilation.base.backends.get(name)?.candidates ?? [];
  const changes = compilation.sorted.servers.get(name);
  if (changes === undefined) return before;
  for (const { server } of before) {
    if (changes.has(server.key) && changes.get(server.key) === undefined) compilation.removed.push(server);
  }
  const isNew = before.length === 0;
  const acquire = (key: string, server: Server) => acquireSlot(compilation, key, { ...server, isNew });
  const noteState = (change: StateChange) => void compilation.stateChanges.push(change);
  return mergeCandidates({ before, changes, acquire, noteState }, compilation.slice);
}

/** A server that joins others starts slowly. In a backend that is new as a whole there is nobody to spare it. */
function acquireSlot(compilation: Compilation, key: string, server: Server & { readonly isNew: boolean }): ServerSlot {
  const { slots, added, clock } = compilation;
  const { backend, address, port } = server;
  const slot = slots.acquire({ key, backend, address, port });
  added.push(slot);
  if (!server.isNew) beginRamp(slots, slot, clock.monotonic());
  return slot;
}
