import { backendNamesOf } from '@headgate/shared/model/host';
import type { Server } from '@headgate/shared/model/server';
import { HostTable } from '@headgate/shared/routing/host-table';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { serverKey } from '@headgate/shared/snapshot/snapshot-object';
import { compileAffinityAtOnce } from '../affinity/compile-affinity.ts';
import type { SessionValues } from '../affinity/session-values.ts';
import type { Candidate } from '../balancing/candidate.ts';
import { PickPosition } from '../balancing/pick-position.ts';
import type { BackendTraffic } from '../upstream/backend-traffic.ts';
import type { ServerSlots } from '../upstream/server-slots.ts';
import { compileChoice, type Choosers } from './compile-choice.ts';
import { RestoredBackend } from './restored-backend.ts';
import type { RestoredContent, RestoredSnapshot } from './restored-snapshot.ts';
import type { CompiledBackend, ServingTable } from './serving-table.ts';
import type { TimeSlice } from './time-slice.ts';

export interface RestoreTableOptions extends Choosers {
  readonly values: SessionValues;
  readonly slice: TimeSlice;
  /** Where what is under way for a backend is counted. */
  readonly traffic: (backend: string) => BackendTraffic;
  /** Told of every backend once it is compiled. */
  readonly opened: (backend: CompiledBackend) => void;
}

/** With more servers a backend is compiled at once, rather than while its first request waits: a server costs 2 µs. */
const SERVERS_AT_ONCE = 1_000;

/**
 * The table of a snapshot that this release has found to be sound before: nothing is checked. Backends are compiled when
 * they are first asked for. Servers have no slots before that.
 */
export async function restoreTable(snapshot: RestoredSnapshot, options: RestoreTableOptions): Promise<ServingTable> {
  const { slice } = options;
  const hosts = HostTable.empty().edit();
  const usage = new Map<string, number>();
  for (const host of snapshot.hosts) {
    if (slice.isOver()) await slice.pause();
    hosts.set(host);
    for (const name of new Set(host.routes.flatMap(backendNamesOf))) usage.set(name, (usage.get(name) ?? 0) + 1);
  }
  const backends = ShardedMap.empty<CompiledBackend>().edit();
  for (const [name, content] of snapshot.backends) {
    if (slice.isOver()) await slice.pause();
    const usedBy = usage.get(name) ?? 0;
    const backend = new RestoredBackend(usedBy, () => compileContent(content, usedBy, options), options.opened);
    if (content.servers > SERVERS_AT_ONCE) backend.open();
    backends.set(name, backend);
  }
  return { id: snapshot.id, hosts: hosts.done(), backends: backends.done() };
}

function compileContent(content: RestoredContent, usedBy: number, options: RestoreTableOptions): CompiledBackend {
  const { settings, servers } = content.read();
  const candidates = servers.map((server) => candidateOf(server, options.slots)).sort(byKey);
  const traffic = options.traffic(settings.name);
  const parts = { settings, candidates, position: new PickPosition(), traffic };
  const choice = compileChoice(options, parts, undefined);
  const affinity = compileAffinityAtOnce({ ...parts, ...choice }, options.values);
  for (const { server, state } of candidates) if (state === 'disabled') options.slots.suspend(server);
  return { ...parts, ...choice, affinity, usedBy };
}

function candidateOf(server: Server, slots: ServerSlots): Candidate {
  const { backend, address, port, weight, priority, state, zone, labels } = server;
  return {
    server: slots.acquire({ key: serverKey(server), backend, address, port }),
    ...{ weight, priority, state, zone, labels },
  };
}

function byKey(a: Candidate, b: Candidate): number {
  return a.server.key < b.server.key ? -1 : 1;
}
