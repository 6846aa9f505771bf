import { overrideOf } from '@headgate/shared/model/override';
import { serverEndpoint } from '@headgate/shared/model/server';
import type { WrittenServer } from '@headgate/shared/model/server-resource';
import { assertRoom } from './assert-room.ts';
import { changesOfServer } from './changes-of-backend.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkPut, notFound, type PutOptions } from './precondition.ts';

/** A server, named by its own address and port, and the backend that it is put into. */
export interface PutServer extends WrittenServer {
  readonly backend: string;
}

/**
 * Creates or replaces one server of a backend. A state that is named is written with it, as one change; without, the
 * override stays as it is, also that of a server which comes back.
 *
 * @throws HeadgateError HEADGATE_NOT_FOUND (the backend), HEADGATE_STALE, HEADGATE_ALREADY_EXISTS; HEADGATE_INVALID when
 *   there is room for no more.
 */
export function planPutServer(state: IntentState, subject: PutServer, options: PutOptions = {}): PlannedChange {
  const { backend: name, document, state: serverState } = subject;
  const backend = state.backends.get(name);
  if (backend === undefined) throw notFound(`backend ${name}`);
  const endpoint = serverEndpoint(document);
  const before = backend.servers.get(endpoint);
  checkPut({ title: `server ${endpoint} in backend ${name}`, revision: before?.revision }, options);
  if (before === undefined) assertRoom('servers', backend.servers.size);
  const kept = backend.overrides.get(endpoint)?.document;
  const override = serverState === undefined ? kept : overrideOf(serverState);
  if (kept === undefined && override !== undefined) assertRoom('overrides', backend.overrides.size);
  return { objects: changesOfServer(backend, endpoint, { document, override }) };
}
