import type { BackendDocument, BackendSettingsDocument } from '@headgate/shared/model/backend';
import { serverEndpoint, type ServerDocument } from '@headgate/shared/model/server';
import type { ObjectChange } from '../store/store.ts';
import type { BackendEntry, Revised } from './intent-state.ts';
import { sameDocument } from './same-document.ts';

/**
 * What turns one backend into another; undefined is absent. Begins with the backend itself as soon as anything of it
 * changes, so that its revision grows with its servers'. Empty when both say the same.
 */
export function changesOfBackend(before: BackendEntry | undefined, after: BackendDocument | undefined): ObjectChange[] {
  const name = before?.document.name ?? after?.name ?? '';
  const settings = after === undefined ? undefined : settingsOf(after);
  const servers = changesOfServers(name, before?.servers ?? new Map(), after?.servers ?? []);
  if (servers.length === 0 && sameDocument(before?.document, settings)) return [];
  return [{ kind: 'backend', name, before: before?.document, after: settings }, ...servers];
}

/** The change of one server, with its backend's revision. */
export function changesOfServer(
  backend: BackendEntry,
  endpoint: string,
  after: ServerDocument | undefined,
): ObjectChange[] {
  const before = backend.servers.get(endpoint)?.document;
  if (sameDocument(before, after)) return [];
  const { name } = backend.document;
  return [
    { kind: 'backend', name, before: backend.document, after: backend.document },
    { kind: 'server', name: `${name}/${endpoint}`, before, after },
  ];
}

function changesOfServers(
  backend: string,
  before: ReadonlyMap<string, Revised<ServerDocument>>,
  after: readonly ServerDocument[],
): ObjectChange[] {
  const wanted = new Map(after.map((server) => [serverEndpoint(server), server]));
  const changes: ObjectChange[] = [];
  for (const endpoint of new Set([...before.keys(), ...wanted.keys()])) {
    const [old, next] = [before.get(endpoint)?.document, wanted.get(endpoint)];
    if (!sameDocument(old, next))
      changes.push({ kind: 'server', name: `${backend}/${endpoint}`, before: old, after: next });
  }
  return changes;
}

function settingsOf({ servers: _servers, ...settings }: BackendDocument): BackendSettingsDocument {
  return settings;
}
