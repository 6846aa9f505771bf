import type { IntentKind, ObjectChange } from '../store/store.ts';
import { movedBackend } from './changes-of-backend.ts';
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
  const differing = [...movedServers(state, changes), ...changes];
  return { objects: [...movedBackends(state, differing), ...differing] };
}

/** A server's revision grows with its override's: those that stay as they are and differ in it alone are written, too. */
function movedServers({ backends }: IntentState, changes: readonly ObjectChange[]): readonly ObjectChange[] {
  const written = namesOf(changes, 'server');
  const moved: ObjectChange[] = [];
  for (const name of namesOf(changes, 'override')) {
    const { backend, endpoint } = splitServerName(name);
    const document = backends.get(backend)?.servers.get(endpoint)?.document;
    if (document === undefined || written.has(name)) continue;
    moved.push({ kind: 'server', name, before: document, after: document });
  }
  return moved;
}

/** A backend's revision grows with its servers': those that differ in servers alone are written, too. */
function movedBackends({ backends }: IntentState, changes: readonly ObjectChange[]): readonly ObjectChange[] {
  const written = namesOf(changes, 'backend');
  const owners = new Set([...namesOf(changes, 'server')].map((name) => splitServerName(name).backend));
  return [...owners].filter((name) => !written.has(name)).map((name) => movedBackend(backends.get(name)!));
}

function namesOf(changes: readonly ObjectChange[], kind: IntentKind): ReadonlySet<string> {
  return new Set(changes.filter((change) => change.kind === kind).map(({ name }) => name));
}
