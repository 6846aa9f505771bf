import type { IntentState } from './intent-state.ts';
import type { ServerName } from './plan-delete-server.ts';
import type { PlannedChange } from './planned-change.ts';
import { planPutOverride } from './plan-put-override.ts';
import { checkDelete, type Precondition } from './precondition.ts';
import { overridesOf } from './server-state.ts';

/**
 * Takes an operator's word on a server back, whether the server is there or not: it is active again.
 *
 * @throws HeadgateError HEADGATE_NOT_FOUND, HEADGATE_STALE
 */
export function planDeleteOverride(
  state: IntentState,
  name: ServerName,
  precondition: Precondition = {},
): PlannedChange {
  const { backend, endpoint } = name;
  const revision = overridesOf(state, backend).get(endpoint)?.revision;
  checkDelete({ title: `override of server ${endpoint} in backend ${backend}`, revision }, precondition);
  return planPutOverride(state, { ...name, state: 'active' });
}
