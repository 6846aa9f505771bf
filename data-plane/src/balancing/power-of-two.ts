import type { CreateOrder } from './order.ts';
import type { PickContext } from './picker.ts';
import { WeightedLots } from './weighted-lots.ts';

/**
 * Of two different servers drawn by weight, the one with fewer requests in flight for its weight; the first drawn of
 * equals. Nearly as even as `least_connections`, at a cost that does not depend on the number of servers; and since data
 * planes draw different ones, they do not all send to the same idle server.
 */
export const createPowerOfTwo: CreateOrder = (input) => {
  const { candidates, slots, slowStart } = input;
  const lots = new WeightedLots(input);

  function choose(context: PickContext, ignoreHealth: boolean): number {
    const first = lots.draw(context, ignoreHealth, -1);
    if (first === -1 || candidates.length === 1) return first;
    const second = lots.draw(context, ignoreHealth, first);
    return second !== -1 && isLessLoaded(second, first) ? second : first;
  }

  function isLessLoaded(one: number, other: number): boolean {
    const nowMs = slowStart.nowMs();
    const [a, b] = [candidates[one]!, candidates[other]!];
    const [inFlightA, inFlightB] = [slots.inFlight[a.server.slot]!, slots.inFlight[b.server.slot]!];
    const weightA = a.weight * slowStart.factor(a.server, nowMs);
    const weightB = b.weight * slowStart.factor(b.server, nowMs);
    return inFlightA * weightB < inFlightB * weightA;
  }

  return { choose, peek: choose };
};
