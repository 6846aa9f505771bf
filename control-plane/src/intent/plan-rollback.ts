import type { ObjectChange } from '../store/store.ts';
import type { History } from './history.ts';
import type { IntentState } from './intent-state.ts';
import type { PlannedChange } from './planned-change.ts';
import { checkPrecondition, type Precondition } from './precondition.ts';
import { splitServerName } from './server-name.ts';

/** Where to go back to. */
export interface Rollback extends Precondition {
  readonly to: number;
  readonly history: Pick<History, 'changes'>;
}

/**
 * Gives the configuration the content of an earlier revision, as one change of what differs. Touches what operators
 * wrote, and nothing else.
 *
 * @throws HeadgateError HEADGATE_NOT_FOUND when the revision is not kept, HEADGATE_STALE, HEADGATE_UNAVAILABLE
 */
export async function planRollback(
  state: IntentState,
  { to, history, ...precondition }: Rollback,
): Promise<PlannedChange> {
  checkPrecondition({ title: 'configuration', revision: state.revision }, precondition);
  const changes = await history.changes(state.revision, to);
  return { objects: [...movedBackends(state, changes), ...changes] };
}

/** A backend's revision grows with its servers': those that differ in servers alone are written, too. */
function movedBackends(state: IntentState, changes: readonly ObjectChange[]): readonly ObjectChange[] {
  const differing = new Set(changes.filter(({ kind }) => kind === 'backend').map(({ name }) => name));
  const owners = new Set(
    changes.filter(({ kind }) => kind === 'server').map(({ name }) => splitServerName(name).backend),
  );
  return [...owners]
    .filter((name) => !differing.has(name))
    .map((name) => {
      const document = state.backends.get(name)?.document;
      return { kind: 'backend', name, before: document, after: document };
    });
}
