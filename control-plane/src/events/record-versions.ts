import type { ReadableValue } from '@headgate/shared/latest-value';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { EventLog } from './event-log.ts';

/** Puts every version down that is published from now on. Returns how to stop. */
export function recordVersions(newest: ReadableValue<Snapshot>, events: EventLog): () => void {
  let known = newest.value;
  return newest.subscribe((snapshot) => {
    if (snapshot === known) return;
    known = snapshot;
    const { epoch, version } = snapshot.id;
    events.record('version', { epoch, version, objects: snapshot.objects.size });
  });
}
