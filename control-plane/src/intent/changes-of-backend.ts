import type { BackendDocument, BackendSettingsDocument } from '@headgate/shared/model/backend';
import type { OverrideDocument } from '@headgate/shared/model/override';
import { serverEndpoint, type ServerDocument } from '@headgate/shared/model/server';
import type { ObjectChange } from '../store/store.ts';
import type { BackendEntry, Revised } from './intent-state.ts';
import { sameDocument } from './same-document.ts';

/**
 * What turns one backend into another; undefined is absent. Begins with the backend itself as soon as anything of it
 * changes, so that its revision grows with its servers'. Overrides stay, whichever servers do, and go with the backend
 * alone. Empty when both say the same.
 */
export function changesOfBackend(before: BackendEntry | undefined, after: BackendDocument | undefined): ObjectChange[] {
  const name = before?.document.name ?? after?.name ?? '';
  const settings = after === undefined ? undefined : settingsOf(after);
  const servers = changesOfServers(name, before?.servers ?? new Map(), after?.servers ?? []);
  if (servers.length === 0 && sameDocument(before?.document, settings)) return [];
  const overrides = after === undefined && before !== undefined ? removedOverrides(before) : [];
  return [{ kind: 'backend', name, before: before?.document, after: settings }, ...servers, ...overrides];
}

/** What is wanted of one server; undefined is absent. */
export interface WantedServer {
  readonly document: ServerDocument | undefined;
  readonly override: OverrideDocument | undefined;
}

/**
 * The change of one server and its override. A server's revision grows with its override's, and its backend's with its
 * own; an override of a server that is absent is a matter of its own. Empty when both are as wanted already.
 */
export function changesOfServer(backend: BackendEntry, endpoint: string, wanted: WantedServer): ObjectChange[] {
  const before = backend.servers.get(endpoint)?.document;
  const override = changeOfOverride(backend, endpoint, wanted.override);
  if (override.length === 0 && sameDocument(before, wanted.document)) return [];
  if (before === undefined && wanted.document === undefined) return [...override];
  const { name } = backend.document;
  return [
    movedBackend(backend),
    { kind: 'server', name: `${name}/${endpoint}`, before, after: wanted.document },
    ...override,
  ];
}

/** A backend that gets a revision for what has changed below it. */
export function movedBackend({ document }: BackendEntry): ObjectChange {
  return { kind: 'backend', name: document.name, before: document, after: document };
}

function changeOfOverride(
  backend: BackendEntry,
  endpoint: string,
  after: OverrideDocument | undefined,
): readonly ObjectChange[] {
  const before = backend.overrides.get(endpoint)?.document;
  if (sameDocument(before, after)) return [];
  return [{ kind: 'override', name: `${backend.document.name}/${endpoint}`, before, after }];
}

function removedOverrides({ document: { name }, overrides }: BackendEntry): readonly ObjectChange[] {
  return [...overrides].map(([endpoint, { document }]) => {
    return { kind: 'override', name: `${name}/${endpoint}`, before: document, after: undefined };
  });
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
