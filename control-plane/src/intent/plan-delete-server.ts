import { changesOfServer } from './changes-of-backend.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkDelete, notFound, type Precondition } from './precondition.ts';

/** Names one server; `endpoint` is `address:port` in its canonical spelling. */
export interface ServerName {
  readonly backend: string;
  readonly endpoint: string;
}

/**
 * Removes one server of a backend. Its override stays, for when it comes back.
 *
 * @throws HeadgateError HEADGATE_NOT_FOUND (the backend or the server), HEADGATE_STALE
 */
export function planDeleteServer(state: IntentState, name: ServerName, precondition: Precondition = {}): PlannedChange {
  const { backend: backendName, endpoint } = name;
  const backend = state.backends.get(backendName);
  if (backend === undefined) throw notFound(`backend ${backendName}`);
  const revision = backend.servers.get(endpoint)?.revision;
  checkDelete({ title: `server ${endpoint} in backend ${backendName}`, revision }, precondition);
  const override = backend.overrides.get(endpoint)?.document;
  return { objects: changesOfServer(backend, endpoint, { document: undefined, override }) };
}
