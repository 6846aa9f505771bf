import { hashKey } from './hash-key.ts';
import { HashRing } from './hash-ring.ts';
import { hashText } from './hash-text.ts';
import type { CreateOrder, Order, OrderInput } from './order.ts';
import type { PickContext } from './picker.ts';

const REQUEST_SEED = 0x52657175;
const CIRCLE = 2 ** 32;

/** Points that one choice looks at before it finds out who can be used at all, and how heavy they are at most. */
const PATIENCE = 1_024;

/** Servers looked at to measure the bound: with so many it is exact at every choice, with more it is measured now and then. */
const LOOKS = 256;

/**
 * Requests with the same key go to the same server, on every data plane, for as long as it is there.
 *
 * 1. A server has a fixed number of points on a circle, the hash of the key is a place there, and a point is as near to
 *    it as the way onwards is long, divided by the weight of its server. The nearest point wins: equal weights make that
 *    the next point (Karger et al.), others the linear method of Schindelhauer and Schomaker.
 * 2. How near a server is depends on no other server. So a server that goes moves its own keys alone, to whoever is
 *    next nearest to each; one that comes, or gets heavier, takes keys and leaves all others where they are; and slow
 *    start is a weight that grows. (Points in proportion to weights would do the same, but with weights up to 1,000 they
 *    would need either a thousand times the memory or a unit that depends on the other servers.)
 * 3. Beyond the way at which even the heaviest server would be farther than the nearest so far, nobody needs to be
 *    looked at: of equal servers that is two points, of unequal ones about heaviest / average.
 * 4. Bounded loads (Mirrokni, Thorup, Zadimoghaddam): a server takes at most ⌈factor × requests in flight × its share of
 *    the weights of all who can be used⌉; beyond that its keys go to the next nearest that has room.
 *
 * Weights are those of the moment: a server in slow start has a part of its own.
 */
export const createConsistentHash: CreateOrder = (input) => new ConsistentHash(input);

interface Search {
  /** On the circle. */
  readonly place: number;
  readonly context: PickContext;
  readonly ignoreHealth: boolean;
  readonly nowMs: number;
}

class ConsistentHash implements Order {
  readonly #input: Omit<OrderInput, 'before'>;
  readonly #ring: HashRing;
  readonly #weights: Float64Array;
  readonly #heaviest: number;
  readonly #totalWeight: number;
  /** Of those who could be used when it was last measured; see `#withRoom`. */
  #usableWeight = 0;
  /** How often that measure may still be used. */
  #usesLeft = 0;

  constructor({ before, ...input }: OrderInput) {
    this.#input = input;
    const ring = before instanceof ConsistentHash ? before.#ring : HashRing.empty();
    this.#ring = ring.with(input.candidates.map(({ server }) => server.key));
    this.#weights = Float64Array.from(input.candidates, ({ weight }) => weight);
    this.#heaviest = this.#weights.reduce((most, weight) => Math.max(most, weight), 0);
    this.#totalWeight = this.#weights.reduce((sum, weight) => sum + weight, 0);
  }

  choose(context: PickContext, ignoreHealth: boolean): number {
    const search = this.#search(context, ignoreHealth);
    const own = this.#nearest(search, 0);
    // Measured by all weights the bound is at its lowest: whoever keeps that one needs no look at the others.
    if (own === -1 || this.#isUnbounded || this.#hasRoom(own, search, this.#totalWeight)) return own;
    if (this.#usesLeft === 0) {
      this.#usableWeight = this.#measureUsable(search);
      this.#usesLeft = Math.ceil(this.#weights.length / LOOKS);
    }
    this.#usesLeft--;
    return this.#withRoom(own, search, this.#usableWeight);
  }

  peek(context: PickContext, ignoreHealth: boolean): number {
    const search = this.#search(context, ignoreHealth);
    const own = this.#nearest(search, 0);
    if (own === -1 || this.#isUnbounded || this.#hasRoom(own, search, this.#totalWeight)) return own;
    return this.#withRoom(own, search, this.#usesLeft === 0 ? this.#measureUsable(search) : this.#usableWeight);
  }

  get #isUnbounded(): boolean {
    return this.#input.balance.loadFactorPercent === 0;
  }

  #search(context: PickContext, ignoreHealth: boolean): Search {
    const { balance, slowStart } = this.#input;
    const place = hashText(hashKey(balance.key, context), REQUEST_SEED);
    return { place, context, ignoreHealth, nowMs: slowStart.nowMs() };
  }

  /** `own`, if it has room; else the nearest that has. Nobody has when a measure is too old: then it is `own` again. */
  #withRoom(own: number, search: Search, usableWeight: number): number {
    if (this.#hasRoom(own, search, usableWeight)) return own;
    const found = this.#nearest(search, usableWeight);
    return found === -1 ? own : found;
  }

  /** The nearest that can be used, and has room if `totalWeight` is not 0; -1 for nobody. */
  #nearest(search: Search, totalWeight: number): number {
    const { positions, owners } = this.#ring;
    let heaviest = this.#heaviest;
    let nearest = -1;
    let nearness = Infinity;
    for (let looked = 0, at = this.#ring.firstFrom(search.place); looked < positions.length; looked++, at++) {
      if (at === positions.length) at = 0;
      if (looked === PATIENCE) heaviest = this.#heaviestUsable(search, totalWeight);
      const way = wayFrom(search.place, positions[at]!);
      if (heaviest === 0 || way >= nearness * heaviest) break;
      const owner = owners[at]!;
      if (way >= nearness * this.#weights[owner]! || !this.#isUsable(owner, search, totalWeight)) continue;
      const distance = way / this.#weightNow(owner, search);
      if (distance >= nearness) continue;
      nearest = owner;
      nearness = distance;
    }
    return nearest;
  }

  #isUsable(index: number, search: Search, totalWeight: number): boolean {
    const { server } = this.#input.candidates[index]!;
    const { context, ignoreHealth } = search;
    if (!this.#input.availability.admits(server, context.tried, ignoreHealth)) return false;
    return totalWeight === 0 || this.#hasRoom(index, search, totalWeight);
  }

  /** Whether the server stays within its bound with one request more. */
  #hasRoom(index: number, search: Search, totalWeight: number): boolean {
    const { balance, candidates, slots, traffic } = this.#input;
    const share = balance.loadFactorPercent * (traffic.inFlight + 1) * this.#weightNow(index, search);
    return slots.inFlight[candidates[index]!.server.slot]! + 1 <= Math.ceil(share / (100 * totalWeight));
  }

  #weightNow(index: number, { nowMs }: Search): number {
    const weight = this.#weights[index]!;
    return weight * this.#input.slowStart.factor(this.#input.candidates[index]!.server, nowMs);
  }

  #measureUsable(search: Search): number {
    let sum = 0;
    for (let index = 0; index < this.#weights.length; index++) {
      if (this.#isUsable(index, search, 0)) sum += this.#weightNow(index, search);
    }
    return sum;
  }

  /** 0 when nobody can be used. */
  #heaviestUsable(search: Search, totalWeight: number): number {
    let most = 0;
    for (let index = 0; index < this.#weights.length; index++) {
      if (this.#isUsable(index, search, totalWeight)) most = Math.max(most, this.#weightNow(index, search));
    }
    return most;
  }
}

/** Onwards on the circle, from 1 to 2³²: never 0, which no weight could lengthen. */
function wayFrom(place: number, position: number): number {
  return position < place ? position - place + CIRCLE + 1 : position - place + 1;
}
