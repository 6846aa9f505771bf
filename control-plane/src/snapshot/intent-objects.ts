import { resolveBackend } from '@headgate/shared/model/backend';
import { resolveHost } from '@headgate/shared/model/host';
import { resolveServer } from '@headgate/shared/model/server';
import type { ObjectKey, SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { BackendEntry, IntentState } from '../intent/intent-state.ts';
import { splitServerName } from '../intent/server-name.ts';
import { serverState } from '../intent/server-state.ts';
import type { IntentKind } from '../store/store.ts';

/** The object of snapshots that an object of operators' intent is part of. An override is told with its server. */
export function snapshotKey(kind: IntentKind, name: string): ObjectKey {
  return kind === 'override' ? `server/${name}` : `${kind}/${name}`;
}

/** What data planes are told of one object of operators' intent; undefined when operators do not want it. */
export function intentObject(intent: IntentState, kind: IntentKind, name: string): SnapshotObject | undefined {
  switch (kind) {
    case 'backend':
      return backendObject(intent.backends.get(name));
    case 'server':
    case 'override':
      return serverObject(intent, name);
    case 'host': {
      const entry = intent.hosts.get(name);
      return entry === undefined ? undefined : { kind, value: resolveHost(entry.document) };
    }
  }
}

/** Everything that data planes are told of operators' intent. */
export function* intentObjects(intent: IntentState): Generator<SnapshotObject> {
  for (const [name, entry] of intent.backends.entries()) {
    yield { kind: 'backend', value: resolveBackend(entry.document) };
    for (const [endpoint, { document }] of entry.servers) {
      yield { kind: 'server', value: resolveServer(name, document, serverState(entry, endpoint)) };
    }
  }
  for (const { document } of intent.hosts.values()) yield { kind: 'host', value: resolveHost(document) };
}

function backendObject(entry: BackendEntry | undefined): SnapshotObject | undefined {
  return entry === undefined ? undefined : { kind: 'backend', value: resolveBackend(entry.document) };
}

/** A server with the state that operators want of it. `name` is `backend/address:port`. */
function serverObject(intent: IntentState, name: string): SnapshotObject | undefined {
  const { backend, endpoint } = splitServerName(name);
  const entry = intent.backends.get(backend);
  const server = entry?.servers.get(endpoint);
  if (entry === undefined || server === undefined) return undefined;
  return { kind: 'server', value: resolveServer(backend, server.document, serverState(entry, endpoint)) };
}
