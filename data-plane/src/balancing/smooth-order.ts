import type { ServerSlot } from '../upstream/server-slots.ts';
import { DueHeap } from './due-heap.ts';
import { DueTimes } from './due-times.ts';
import type { Order, OrderInput } from './order.ts';
import type { PickContext } from './picker.ts';
import { spreadRetry } from './spread-retry.ts';
import { takesItsTurn } from './takes-its-turn.ts';
import { takeOver } from './take-over.ts';

/** Turns of servers that are out which one choice passes over before it looks at all servers at once. */
const MAX_LOST = 16;

/** `DueTimes.at` is exact within twice as many. */
const MAX_ROUNDS = 1_024;

const none: readonly never[] = [];

/**
 * Servers by weight, each one's turns evenly spread: whoever is due first in virtual time (`DueTimes`) is next, and is due
 * again 1 / weight of a round later. So in any round of the sum of all weights, every server has exactly as many turns as
 * its weight says, and between two turns of a server, any other has its share of turns or one more or less. A heap finds
 * the first: a choice costs log₂(servers) steps, where nginx's smooth order looks at all of them.
 *
 * 1. A server that is out when its turn comes loses it: the others share it by their weights. When it is back it goes on
 *    with its next turn. Nothing is owed to it, so it gets no burst.
 * 2. With very many servers out, one look at all of them finds the first that is not. Servers whose turns nobody has
 *    looked at meanwhile have lost them too, but for the last one.
 * 3. In slow start a server takes a share of its turns and loses the others.
 * 4. Due times belong to the server's slot, so the next version goes on where this one stands (`takeOver`). The heap belongs
 *    to the version. A request of an older version may still take turns: the heap finds out when it comes to that server.
 * 5. Retries are apart from the order (`spreadRetry`).
 */
export class SmoothOrder implements Order {
  readonly #input: OrderInput;
  readonly #times: DueTimes;
  /** Made by the first choice: until then the order belongs to the version before, and this one may yet be refused. */
  #heap: DueHeap | undefined;
  #baseRound = 0;
  readonly #lost = new Int32Array(MAX_LOST);

  constructor(input: OrderInput) {
    this.#input = { ...input, before: undefined };
    this.#times = new DueTimes(input.slots, input.position);
  }

  choose(context: PickContext, ignoreHealth: boolean): number {
    const { position } = this.#input;
    if (context.tried.length > 0) {
      const retried = spreadRetry(this.#input, context, { ignoreHealth });
      if (retried !== -1) position.retries++;
      return retried;
    }
    const index = this.#advanceToFirst(this.#readyHeap(), ignoreHealth);
    if (index !== -1) this.#take(index);
    return index;
  }

  peek(context: PickContext, ignoreHealth: boolean): number {
    if (context.tried.length > 0) return spreadRetry(this.#input, context, { ignoreHealth });
    this.#readyHeap();
    return this.#findFirst(ignoreHealth);
  }

  /** The first in the heap that can take its turn. Those before it lose theirs. */
  #advanceToFirst(heap: DueHeap, ignoreHealth: boolean): number {
    const nowMs = this.#input.slowStart.nowMs();
    for (let lost = 0; ;) {
      const index = this.#upToDateFirst(heap);
      if (heap.firstDue === Infinity) return -1;
      const server = this.#server(index);
      if (this.#input.availability.admits(server, none, ignoreHealth)) {
        // A turn that is lost to slow start is one turn only: by the next one, the server's weight counts for more.
        if (this.#turnsInSlowStart(server, nowMs, 0) === 0) return index;
      } else {
        if (lost === MAX_LOST) return this.#lookAtAll(ignoreHealth);
        this.#lost[lost++] = index;
      }
      this.#loseTurns(heap, 1);
    }
  }

  /** Whoever is due first, once the heap has caught up with what pickers of other versions did, and with those who were out. */
  #upToDateFirst(heap: DueHeap): number {
    for (;;) {
      const index = heap.first;
      const due = this.#dueAt(index);
      const missed = due === Infinity ? 0 : this.#times.missedTurns(this.#server(index));
      if (missed > 0) this.#loseTurns(heap, missed);
      else if (due !== heap.firstDue) heap.postponeFirst(due);
      else return index;
    }
  }

  #loseTurns(heap: DueHeap, turns: number): void {
    const index = heap.first;
    this.#times.advance(this.#server(index), turns);
    heap.postponeFirst(this.#dueAt(index));
  }

  /** When nobody is found, turns that were lost on the way are given back: else they would upset who is next. */
  #lookAtAll(ignoreHealth: boolean): number {
    const index = this.#findFirst(ignoreHealth);
    if (index === -1) {
      for (const lost of this.#lost) this.#times.advance(this.#server(lost), -1);
      this.#readyHeap().rebuild((each) => this.#dueAt(each));
    } else {
      this.#times.advance(this.#server(index), this.#turnsToLose(index, this.#input.slowStart.nowMs()));
    }
    return index;
  }

  /** Who is due first of all that can take their turn; -1 for nobody. Changes nothing. */
  #findFirst(ignoreHealth: boolean): number {
    const { candidates, availability, slowStart } = this.#input;
    const nowMs = slowStart.nowMs();
    let first = -1;
    let firstDue = Infinity;
    for (let index = 0; index < candidates.length; index++) {
      const { server } = candidates[index]!;
      if (this.#dueAt(index) === Infinity || !availability.admits(server, none, ignoreHealth)) continue;
      const due = this.#times.at(server, this.#baseRound, this.#turnsToLose(index, nowMs));
      if (due >= firstDue) continue;
      first = index;
      firstDue = due;
    }
    return first;
  }

  #take(index: number): void {
    const server = this.#server(index);
    this.#times.take(server);
    this.#times.advance(server, 1);
    this.#input.position.lastKey = server.key;
    if (this.#heap!.first === index) this.#heap!.postponeFirst(this.#dueAt(index));
  }

  #turnsToLose(index: number, nowMs: number): number {
    const server = this.#server(index);
    const missed = this.#times.missedTurns(server);
    return missed + this.#turnsInSlowStart(server, nowMs, missed);
  }

  /** Turns that slow start passes over, from the one after `missed` on. */
  #turnsInSlowStart(server: ServerSlot, nowMs: number, missed: number): number {
    const factor = this.#input.slowStart.factor(server, nowMs);
    if (factor === 1) return 0;
    const turn = this.#times.turnNumber(server) + missed;
    let passed = 0;
    while (!takesItsTurn(turn + passed, server.slot, factor)) passed++;
    return passed;
  }

  #readyHeap(): DueHeap {
    const { candidates, position } = this.#input;
    const isReady = this.#heap !== undefined && position.round - this.#baseRound <= MAX_ROUNDS;
    if (isReady) return this.#heap!;
    this.#baseRound = position.round;
    if (this.#heap === undefined) takeOver(this.#input, this.#times);
    this.#heap ??= new DueHeap(candidates.length);
    this.#heap.rebuild((index) => this.#dueAt(index));
    return this.#heap;
  }

  /** Never, for a server that has left: its slot may be another's by now, or have no place in the order any more. */
  #dueAt(index: number): number {
    const server = this.#server(index);
    if (this.#input.slots.current[server.slot] !== server || this.#times.weight(server) === 0) return Infinity;
    return this.#times.at(server, this.#baseRound);
  }

  #server(index: number): ServerSlot {
    return this.#input.candidates[index]!.server;
  }
}
