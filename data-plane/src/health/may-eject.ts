import type { Candidate } from '../balancing/candidate.ts';
import { verdict, type ServerSlot, type ServerSlots } from '../upstream/server-slots.ts';

/**
 * Whether a server may be ejected: it belongs to the backend, the share of its servers that are ejected stays at or
 * below `maxPercent` (rounded down: of three servers, 50 % is one; of one, none), and another one is left that takes new
 * requests. Disabled servers are none in this count.
 */
export function mayEject(
  server: ServerSlot,
  {
    candidates,
    slots,
    maxPercent,
  }: { readonly candidates: readonly Candidate[]; readonly slots: ServerSlots; readonly maxPercent: number },
): boolean {
  let [total, ejected, usable, found] = [0, 0, 0, false];
  for (const { server: other, state } of candidates) {
    if (state === 'disabled') continue;
    total++;
    if (other === server) found = true;
    else if (slots.ejected[other.slot] === 1) ejected++;
    else if (state === 'active' && slots.verdicts[other.slot] !== verdict.unhealthy) usable++;
  }
  return found && usable > 0 && ejected + 1 <= Math.floor((total * maxPercent) / 100);
}
