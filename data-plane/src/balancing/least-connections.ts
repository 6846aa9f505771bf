import type { CreateOrder, Order, OrderInput } from './order.ts';
import type { PickContext } from './picker.ts';

/**
 * The server with the fewest requests and tunnels in flight for its weight, as this data plane counts them: a weight of 2
 * means twice as many (in flight / weight of two servers is compared by multiplying crosswise: exactly). Of equals, which idle servers are, one is drawn by weight, because many data planes that all took
 * the first would all take the same.
 *
 * A choice looks at every server: see docs/reference/balancing.md for what that costs. Beyond about 1,000 servers,
 * `power_of_two` does nearly as well for nearly nothing.
 */
export const createLeastConnections: CreateOrder = (input) => new LeastConnections(input);

class LeastConnections implements Order {
  readonly #input: OrderInput;
  /** By index of the candidate, as the slots are: most servers are passed over by these two alone. */
  readonly #slotOf: Int32Array;
  readonly #weightOf: Float64Array;

  constructor(input: OrderInput) {
    this.#input = { ...input, before: undefined };
    this.#slotOf = Int32Array.from(input.candidates, ({ server }) => server.slot);
    this.#weightOf = Float64Array.from(input.candidates, ({ weight }) => weight);
  }

  choose({ tried }: PickContext, ignoreHealth: boolean): number {
    const { candidates, slots, availability, slowStart } = this.#input;
    const { inFlight } = slots;
    const nowMs = slowStart.nowMs();
    let best = -1;
    let bestInFlight = 0;
    let bestWeight = 0;
    let equals = 0;
    let weightOfEquals = 0;
    for (let index = 0; index < candidates.length; index++) {
      const weight = this.#weightNow(index, nowMs);
      const difference = inFlight[this.#slotOf[index]!]! * bestWeight - bestInFlight * weight;
      if (difference > 0 || !availability.admits(candidates[index]!.server, tried, ignoreHealth)) continue;
      if (difference < 0 || best === -1) {
        best = index;
        bestInFlight = inFlight[this.#slotOf[index]!]!;
        bestWeight = weight;
        equals = 1;
        weightOfEquals = weight;
      } else {
        equals++;
        weightOfEquals += weight;
      }
    }
    if (equals < 2) return best;
    return this.#drawEqual(best, { tried, ignoreHealth, nowMs, place: this.#input.random() * weightOfEquals });
  }

  peek(context: PickContext, ignoreHealth: boolean): number {
    return this.choose(context, ignoreHealth);
  }

  /** One of those that are as little loaded as `best`, which is the first of them. */
  #drawEqual(best: number, { tried, ignoreHealth, nowMs, place }: Draw): number {
    const { candidates, slots, availability } = this.#input;
    const { inFlight } = slots;
    const bestInFlight = inFlight[this.#slotOf[best]!]!;
    const bestWeight = this.#weightNow(best, nowMs);
    let found = best;
    let left = place;
    for (let index = best; index < candidates.length && left >= 0; index++) {
      const weight = this.#weightNow(index, nowMs);
      if (inFlight[this.#slotOf[index]!]! * bestWeight !== bestInFlight * weight) continue;
      if (!availability.admits(candidates[index]!.server, tried, ignoreHealth)) continue;
      found = index;
      left -= weight;
    }
    return found;
  }

  #weightNow(index: number, nowMs: number): number {
    const { slowStart, candidates } = this.#input;
    const weight = this.#weightOf[index]!;
    return slowStart.isOn ? weight * slowStart.factor(candidates[index]!.server, nowMs) : weight;
  }
}

interface Draw extends Pick<PickContext, 'tried'> {
  readonly ignoreHealth: boolean;
  readonly nowMs: number;
  /** On the line of the weights of all equals. */
  readonly place: number;
}
