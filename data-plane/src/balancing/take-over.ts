import type { Candidate } from './candidate.ts';
import type { DueTimes } from './due-times.ts';
import { firstAfter } from './first-after.ts';
import type { OrderInput } from './order.ts';

/**
 * Takes a smooth order over from the version before.
 *
 * - Servers whose weight stays keep the time that they are due at.
 * - Of one whose weight is another, what counts is how many turns of its own it has to wait: with a weight of 1,000 before
 *   and 1 now, half a turn is half a turn.
 * - Newcomers wait for parts of a turn, so that several of them come one by one, and one alone after half a turn. They
 *   follow whoever was served last, by key: servers of equal weights begin in the order of their keys, and after another algorithm the
 *   turn goes on where it was.
 * - Nobody waits for more than a turn, and nobody is owed more than one (a server that returns, or was in another tier).
 */
export function takeOver({ candidates, slots, position }: OrderInput, times: DueTimes): void {
  const newcomers: Candidate[] = [];
  for (const candidate of candidates) {
    const { server, weight } = candidate;
    if (slots.current[server.slot] !== server) continue;
    const known = times.weight(server);
    if (known === 0) newcomers.push(candidate);
    else if (known !== weight || !isNear(times.turnsUntil(server))) {
      times.place(server, weight, Math.max(-1, Math.min(times.turnsUntil(server), 1)));
    }
  }
  const first = firstAfter(newcomers, position.lastKey);
  newcomers.forEach(({ server, weight }, index) => {
    const rank = (index - first + newcomers.length) % newcomers.length;
    times.place(server, weight, (rank + 0.5) / newcomers.length);
  });
}

/** Within a turn, and the rounding of one. */
function isNear(turns: number): boolean {
  return turns >= -1.000_001 && turns <= 1.000_001;
}
