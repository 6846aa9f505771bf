import type { ServerSlots } from '../upstream/server-slots.ts';
import type { SessionValues } from './session-values.ts';

/**
 * Drops the values of servers that have left, once their slots are free for others. Disabled servers keep theirs: their
 * sessions are known to have moved, and count again when they are back. Returns how to stop.
 */
export function forgetFreedServers(values: SessionValues, slots: Pick<ServerSlots, 'onFreed' | 'get'>): () => void {
  return slots.onFreed((server) => {
    if (slots.get(server.key) !== server) values.remove(server);
  });
}
