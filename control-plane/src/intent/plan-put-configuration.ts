import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import type { ObjectChange } from '../store/store.ts';
import { changesOfBackend } from './changes-of-backend.ts';
import { changesOfHost } from './changes-of-host.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkPrecondition, type Precondition } from './precondition.ts';

/**
 * Replaces all that operators have written by another whole, as one change of what differs. The configuration's
 * revision is the state's: a configuration exists always.
 *
 * @throws HeadgateError HEADGATE_STALE
 */
export function planPutConfiguration(
  state: IntentState,
  document: ConfigurationDocument,
  precondition: Precondition = {},
): PlannedChange {
  checkPrecondition({ title: 'configuration', revision: state.revision }, precondition);
  return { objects: [...backendChanges(state, document), ...hostChanges(state, document)] };
}

function* backendChanges(state: IntentState, document: ConfigurationDocument): Iterable<ObjectChange> {
  const wanted = new Map(document.backends.map((backend) => [backend.name, backend]));
  for (const [name, backend] of wanted) yield* changesOfBackend(state.backends.get(name), backend);
  for (const [name, entry] of state.backends.entries()) {
    if (!wanted.has(name)) yield* changesOfBackend(entry, undefined);
  }
}

function* hostChanges(state: IntentState, document: ConfigurationDocument): Iterable<ObjectChange> {
  const wanted = new Map(document.hosts.map((host) => [host.host, host]));
  for (const [pattern, host] of wanted) yield* changesOfHost(state.hosts.get(pattern)?.document, host);
  for (const [pattern, { document: present }] of state.hosts.entries()) {
    if (!wanted.has(pattern)) yield* changesOfHost(present, undefined);
  }
}
