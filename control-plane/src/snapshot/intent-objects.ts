import { resolveBackend } from '@headgate/shared/model/backend';
import { resolveHost } from '@headgate/shared/model/host';
import { resolveServer } from '@headgate/shared/model/server';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { BackendEntry, IntentState } from '../intent/intent-state.ts';
import type { IntentKind } from '../store/store.ts';

/** What data planes are told of one object of operators' intent; undefined when operators do not want it. */
export function intentObject(intent: IntentState, kind: IntentKind, name: string): SnapshotObject | undefined {
  switch (kind) {
    case 'backend':
      return backendObject(intent.backends.get(name));
    case 'server':
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
    for (const { document } of entry.servers.values()) yield { kind: 'server', value: resolveServer(name, document) };
  }
  for (const { document } of intent.hosts.values()) yield { kind: 'host', value: resolveHost(document) };
}

function backendObject(entry: BackendEntry | undefined): SnapshotObject | undefined {
  return entry === undefined ? undefined : { kind: 'backend', value: resolveBackend(entry.document) };
}

/** `name` is `backend/address:port`; a backend's name has no slash. */
function serverObject(intent: IntentState, name: string): SnapshotObject | undefined {
  const slash = name.indexOf('/');
  const backend = name.slice(0, slash);
  const entry = intent.backends.get(backend)?.servers.get(name.slice(slash + 1));
  return entry === undefined ? undefined : { kind: 'server', value: resolveServer(backend, entry.document) };
}
