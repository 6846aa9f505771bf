import type { PickContext } from '../balancing/picker.ts';
import type { Affinity } from './affinity.ts';
import type { SessionDecision } from './session-decision.ts';

/** What would become of the session of a request at a backend; `none` where the backend has no sessions. */
export function explainSession(affinity: Affinity | undefined, context: PickContext): SessionDecision {
  return affinity === undefined ? { kind: 'none' } : affinity.explain(context);
}
