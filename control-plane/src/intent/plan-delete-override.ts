import { changesOfServer } from './changes-of-backend.ts';
import type { IntentState } from './intent-state.ts';
import type { ServerName } from './plan-delete-server.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkDelete, notFound, type Precondition } from './precondition.ts';

/**
 * Takes an operator's word on a server back, whether the server is there or not: it is active again.
 *
 * @throws HeadgateError HEADGATE_NOT_FOUND (the backend or the override), HEADGATE_STALE
 */
export function planDeleteOverride(
  state: IntentState,
  name: ServerName,
  precondition: Precondition = {},
): PlannedChange {
  const { backend: backendName, endpoint } = name;
  const backend = state.backends.get(backendName);
  if (backend === undefined) throw notFound(`backend ${backendName}`);
  const revision = backend.overrides.get(endpoint)?.revision;
  checkDelete({ title: `override of server ${endpoint} in backend ${backendName}`, revision }, precondition);
  const document = backend.servers.get(endpoint)?.document;
  return { objects: changesOfServer(backend, endpoint, { document, override: undefined }) };
}
