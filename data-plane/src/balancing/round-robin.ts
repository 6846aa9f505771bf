import { firstAfter } from './first-after.ts';
import type { CreateOrder, Order, OrderInput } from './order.ts';
import type { PickContext } from './picker.ts';
import { spreadRetry } from './spread-retry.ts';
import { takesItsTurn } from './takes-its-turn.ts';

const none: readonly never[] = [];

/**
 * Every server in turn, in the order of their keys, whatever their weights. The next one is the available server whose
 * key follows that of the last choice: so a dead server's turns are spread over all the others instead of doubling its
 * successor's, and servers that come and go do not restart the order. A choice costs one step, and one more for each
 * server that is passed over.
 */
export const createRoundRobin: CreateOrder = (input) => new RoundRobin(input);

class RoundRobin implements Order {
  readonly #input: OrderInput;
  #lastKey: string | undefined;
  #lastIndex = 0;

  constructor(input: OrderInput) {
    this.#input = { ...input, before: undefined };
  }

  choose(context: PickContext, ignoreHealth: boolean): number {
    const { position, candidates } = this.#input;
    const index = this.peek(context, ignoreHealth);
    if (index === -1) return -1;
    if (context.tried.length > 0) {
      position.retries++;
      return index;
    }
    position.turns++;
    position.lastKey = candidates[index]!.server.key;
    this.#lastKey = position.lastKey;
    this.#lastIndex = index;
    return index;
  }

  peek(context: PickContext, ignoreHealth: boolean): number {
    if (context.tried.length > 0) return spreadRetry(this.#input, context, { ignoreHealth, equally: true });
    const { candidates, availability, slowStart } = this.#input;
    const nowMs = slowStart.nowMs();
    let index = this.#nextIndex();
    let starting = -1;
    for (let left = candidates.length; left > 0; left--, index++) {
      if (index >= candidates.length) index = 0;
      if (!availability.admits(candidates[index]!.server, none, ignoreHealth)) continue;
      if (this.#takesItsTurn(index, nowMs)) return index;
      if (starting === -1) starting = index;
    }
    return starting;
  }

  /** The position is shared with the pickers of other versions, so it is trusted only while it stands where we left it. */
  #nextIndex(): number {
    const { candidates, position } = this.#input;
    return this.#lastKey === position.lastKey ? this.#lastIndex + 1 : firstAfter(candidates, position.lastKey);
  }

  /** Slow start: a server takes that share of its turns. Which ones, the number of the turn says, so that `peek` knows. */
  #takesItsTurn(index: number, nowMs: number): boolean {
    const { server } = this.#input.candidates[index]!;
    return takesItsTurn(this.#input.position.turns, server.slot, this.#input.slowStart.factor(server, nowMs));
  }
}
