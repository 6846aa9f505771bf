import type { Fault } from '@headgate/shared/model/fault';
import { applyCommit } from './apply-commit.ts';
import { changeGuard } from './change-guard.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import type { WholeBackend } from './whole-backend.ts';

/** What a change would do, without doing it. */
export interface Rehearsal extends PlannedChange {
  /** The state that it was worked out on. */
  readonly before: IntentState;
  /** The state that it would lead to; `before` when it changes nothing. */
  readonly after: IntentState;
  /** Why the guard would hold it; empty when it would not. */
  readonly guardReasons: readonly Fault[];
}

/** Works a planned change out in memory. Pure. */
export function rehearse(before: IntentState, { objects }: PlannedChange, whole?: WholeBackend): Rehearsal {
  if (objects.length === 0) return { before, after: before, objects, guardReasons: [] };
  const [revision, version] = [before.revision + 1, before.version + 1];
  const after = applyCommit(before, { revision, version, at: 0, author: '', message: '', objects });
  return { before, after, objects, guardReasons: changeGuard(before, objects, whole) };
}
