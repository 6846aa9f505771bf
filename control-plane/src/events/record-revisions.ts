import type { Intent } from '../intent/intent.ts';
import type { EventLog } from './event-log.ts';

/** A change of everything is one event. */
const MOST_NAMES = 20;

/** Puts every revision down from now on. Returns how to stop. */
export function recordRevisions(intent: Pick<Intent, 'onCommit'>, events: EventLog): () => void {
  return intent.onCommit(({ revision, version, author, message, objects }) => {
    const changed = objects.slice(0, MOST_NAMES).map(({ kind, name }) => `${kind}/${name}`);
    events.record('revision', { revision, version, author, message, objects: changed, changes: objects.length });
  });
}
