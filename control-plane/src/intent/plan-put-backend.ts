import type { BackendDocument } from '@headgate/shared/model/backend';
import { assertRoom } from './assert-room.ts';
import { changesOfBackend } from './changes-of-backend.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkPut, type PutOptions } from './precondition.ts';

/**
 * Creates a backend or replaces its settings and its servers.
 *
 * @throws HeadgateError HEADGATE_STALE, HEADGATE_ALREADY_EXISTS; HEADGATE_INVALID when there is room for no more.
 */
export function planPutBackend(state: IntentState, document: BackendDocument, options: PutOptions = {}): PlannedChange {
  const before = state.backends.get(document.name);
  checkPut({ title: `backend ${document.name}`, revision: before?.revision }, options);
  if (before === undefined) assertRoom('backends', state.backends.size);
  return { objects: changesOfBackend(before, document) };
}
