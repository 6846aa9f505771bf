import { HeadgateError } from '@headgate/shared/error';
import { hostFacts } from '@headgate/shared/model/configuration-facts';
import { pointerOf, type Fault } from '@headgate/shared/model/fault';
import type { HostDocument } from '@headgate/shared/model/host';
import { nearestWord } from '@headgate/shared/model/nearest-word';
import { nativeKeys } from '@headgate/shared/model/spelling';
import { assertRoom } from './assert-room.ts';
import { changesOfHost } from './changes-of-host.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkPut, type PutOptions } from './precondition.ts';

/** Close names are looked for among all backends, which is worth it for the first few faults only. */
const MAX_SUGGESTIONS = 20;

/**
 * Creates or replaces a host.
 *
 * @throws HeadgateError HEADGATE_STALE, HEADGATE_ALREADY_EXISTS; HEADGATE_INVALID with a fault for each route whose
 *   backend does not exist, or when there is room for no more.
 */
export function planPutHost(state: IntentState, document: HostDocument, options: PutOptions = {}): PlannedChange {
  const before = state.hosts.get(document.host);
  checkPut({ title: `host ${document.host}`, revision: before?.revision }, options);
  const faults = unknownBackends(state, document);
  if (faults.length > 0)
    throw new HeadgateError('HEADGATE_INVALID', 'The host names backends that do not exist', { faults });
  if (before === undefined) assertRoom('hosts', state.hosts.size);
  return { objects: changesOfHost(before?.document, document) };
}

function unknownBackends(state: IntentState, document: HostDocument): readonly Fault[] {
  const missing = hostFacts(document, [], nativeKeys).references.filter(({ backend }) => !state.backends.has(backend));
  return missing.map(({ backend, path }, index) => {
    const nearest = index < MAX_SUGGESTIONS ? nearestWord(backend, state.backends.keys()) : undefined;
    return unknownBackend(pointerOf(path), backend, nearest);
  });
}

function unknownBackend(pointer: string, backend: string, nearest: string | undefined): Fault {
  const hint = nearest === undefined ? '' : `did you mean "${nearest}"? Otherwise `;
  return {
    pointer,
    code: 'unknown_backend',
    detail: `there is no backend "${backend}"`,
    fix: `${hint}create the backend first, or name one that exists`,
  };
}
