import type { BackendSettingsDocument } from '@headgate/shared/model/backend';
import type { HostDocument } from '@headgate/shared/model/host';
import type { ServerDocument } from '@headgate/shared/model/server';
import { ShardedMap } from '@headgate/shared/sharded-map';
import type { StoredObject, StoredState } from '../store/store.ts';
import { backendsOf, sortedByKey } from './apply-commit.ts';
import type { BackendEntry, IntentState, Revised } from './intent-state.ts';
import { splitServerName } from './server-name.ts';

/**
 * Operators' intent out of what the store holds.
 *
 * @throws Error when a server or a host names a backend that is not there: no commit leaves that behind.
 */
export function loadIntent(stored: StoredState): IntentState {
  const byKind = Map.groupBy(stored.objects, (object) => object.kind);
  const hosts = byKind.get('host') ?? [];
  return {
    epoch: stored.epoch,
    revision: stored.revision,
    version: stored.version,
    backends: loadBackends({ settings: byKind.get('backend') ?? [], servers: byKind.get('server') ?? [], hosts }),
    hosts: loadHosts(hosts),
  };
}

interface BackendObjects {
  readonly settings: readonly StoredObject[];
  readonly servers: readonly StoredObject[];
  readonly hosts: readonly StoredObject[];
}

function loadBackends({ settings, servers, hosts }: BackendObjects): ShardedMap<BackendEntry> {
  const draft = ShardedMap.empty<BackendEntry>().edit();
  const members = serversByBackend(servers);
  const uses = usesByBackend(hosts);
  for (const { name, document, revision } of settings) {
    const own = sortedByKey(members.get(name) ?? new Map<string, Revised<ServerDocument>>());
    draft.set(name, {
      document: document as BackendSettingsDocument,
      revision,
      servers: own,
      usedBy: uses.get(name) ?? 0,
    });
  }
  for (const name of [...members.keys(), ...uses.keys()]) {
    if (!draft.has(name)) throw new Error(`the store names a backend ${JSON.stringify(name)} that it does not hold`);
  }
  return draft.done();
}

function serversByBackend(servers: readonly StoredObject[]): ReadonlyMap<string, Map<string, Revised<ServerDocument>>> {
  const members = new Map<string, Map<string, Revised<ServerDocument>>>();
  for (const { name, document, revision } of servers) {
    const { backend, endpoint } = splitServerName(name);
    const own = members.get(backend) ?? new Map<string, Revised<ServerDocument>>();
    members.set(backend, own.set(endpoint, { document: document as ServerDocument, revision }));
  }
  return members;
}

function usesByBackend(hosts: readonly StoredObject[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { document } of hosts) {
    for (const name of backendsOf(document as HostDocument)) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return uses;
}

function loadHosts(hosts: readonly StoredObject[]): ShardedMap<Revised<HostDocument>> {
  const draft = ShardedMap.empty<Revised<HostDocument>>().edit();
  for (const { name, document, revision } of hosts) draft.set(name, { document: document as HostDocument, revision });
  return draft.done();
}
