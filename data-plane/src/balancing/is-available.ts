import { verdict, type ServerSlot, type ServerSlots } from '../upstream/server-slots.ts';

/**
 * Whether a request may go to a server: it is still configured, not known to be dead (what was never probed may be
 * used), and this request has not tried it in vain.
 */
export function isAvailable(slots: ServerSlots, server: ServerSlot, tried: readonly ServerSlot[]): boolean {
  return (
    slots.current[server.slot] === server &&
    slots.verdicts[server.slot] !== verdict.unhealthy &&
    (tried.length === 0 || !tried.includes(server))
  );
}
