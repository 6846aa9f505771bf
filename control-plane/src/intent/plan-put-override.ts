import { overrideOf } from '@headgate/shared/model/override';
import type { ServerState } from '@headgate/shared/model/server';
import { assertRoom } from './assert-room.ts';
import { changesOfServer } from './changes-of-backend.ts';
import type { IntentState } from './intent-state.ts';
import type { ServerName } from './plan-delete-server.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkPut, type Precondition } from './precondition.ts';
import { sameDocument } from './same-document.ts';
import { overridesOf } from './server-state.ts';

/** What an operator wants of a server that others have brought, or that is not there. */
export interface PutOverride extends ServerName {
  readonly state: ServerState;
}

/**
 * Writes an operator's word on a server, whoever brought it and whoever owns its backend; `active` takes it back.
 *
 * @throws HeadgateError HEADGATE_STALE; HEADGATE_INVALID when there is room for no more
 */
export function planPutOverride(
  state: IntentState,
  { backend, endpoint, state: wanted }: PutOverride,
  precondition: Precondition = {},
): PlannedChange {
  const overrides = overridesOf(state, backend);
  const before = overrides.get(endpoint);
  checkPut({ title: `override of server ${endpoint} in backend ${backend}`, revision: before?.revision }, precondition);
  const override = overrideOf(wanted);
  if (before === undefined && override !== undefined) assertRoom('overrides', overrides.size);
  const own = state.backends.get(backend);
  if (own !== undefined) {
    const document = own.servers.get(endpoint)?.document;
    return { objects: changesOfServer(own, endpoint, { document, override }) };
  }
  if (sameDocument(before?.document, override)) return { objects: [] };
  return {
    objects: [{ kind: 'override', name: `${backend}/${endpoint}`, before: before?.document, after: override }],
  };
}
