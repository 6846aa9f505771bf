import { changesOfHost } from './changes-of-host.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkDelete, type Precondition } from './precondition.ts';

/**
 * Removes a host; `pattern` is normalised.
 *
 * @throws HeadgateError HEADGATE_NOT_FOUND, HEADGATE_STALE
 */
export function planDeleteHost(state: IntentState, pattern: string, precondition: Precondition = {}): PlannedChange {
  const before = state.hosts.get(pattern);
  checkDelete({ title: `host ${pattern}`, revision: before?.revision }, precondition);
  return { objects: changesOfHost(before?.document, undefined) };
}
