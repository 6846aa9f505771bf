import type { BackendSettingsDocument } from '@headgate/shared/model/backend';
import type { HostDocument } from '@headgate/shared/model/host';
import type { OverrideDocument } from '@headgate/shared/model/override';
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
  const overrides = membersByBackend<OverrideDocument>(byKind.get('override') ?? []);
  const backends = loadBackends({
    settings: byKind.get('backend') ?? [],
    servers: byKind.get('server') ?? [],
    overrides,
    hosts,
  });
  return {
    epoch: stored.epoch,
    revision: stored.revision,
    version: stored.version,
    backends,
    hosts: loadHosts(hosts),
    looseOverrides: looseOf(backends, overrides),
  };
}

type OverridesByBackend = ReadonlyMap<string, ReadonlyMap<string, Revised<OverrideDocument>>>;

/** Overrides of servers whose backend is not operators' own. */
function looseOf(backends: ShardedMap<BackendEntry>, overrides: OverridesByBackend): OverridesByBackend {
  const loose = [...overrides].filter(([name]) => !backends.has(name));
  return new Map(loose.map(([name, members]) => [name, sortedByKey(members)]));
}

interface BackendObjects {
  readonly settings: readonly StoredObject[];
  readonly servers: readonly StoredObject[];
  readonly overrides: OverridesByBackend;
  readonly hosts: readonly StoredObject[];
}

function loadBackends({ settings, servers, overrides, hosts }: BackendObjects): ShardedMap<BackendEntry> {
  const draft = ShardedMap.empty<BackendEntry>().edit();
  const members = membersByBackend<ServerDocument>(servers);
  const uses = usesByBackend(hosts);
  for (const { name, document, revision } of settings) {
    draft.set(name, {
      document: document as BackendSettingsDocument,
      revision,
      servers: sortedByKey(members.get(name) ?? new Map<string, Revised<ServerDocument>>()),
      overrides: sortedByKey(overrides.get(name) ?? new Map<string, Revised<OverrideDocument>>()),
      usedBy: uses.get(name) ?? 0,
    });
  }
  for (const name of [...members.keys(), ...uses.keys()]) {
    if (!draft.has(name)) throw new Error(`the store names a backend ${JSON.stringify(name)} that it does not hold`);
  }
  return draft.done();
}

/** Servers or overrides. */
function membersByBackend<T>(objects: readonly StoredObject[]): ReadonlyMap<string, Map<string, Revised<T>>> {
  const members = new Map<string, Map<string, Revised<T>>>();
  for (const { name, document, revision } of objects) {
    const { backend, endpoint } = splitServerName(name);
    const own = members.get(backend) ?? new Map<string, Revised<T>>();
    members.set(backend, own.set(endpoint, { document: document as T, revision }));
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
