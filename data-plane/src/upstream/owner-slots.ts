import type { ServerSlot } from './server-slots.ts';
import { SharedSlots } from './shared-slots.ts';

/**
 * The slots of the main thread, which numbers servers for all threads and serves no requests itself.
 *
 * A server that leaves is let go of when every thread has followed the change that took it out, so that none can begin a
 * request there any more, and nothing is under way there in any of them. The main thread looks (`sweep`); the others are
 * told.
 */
export class OwnerSlots extends SharedSlots {
  /** Servers that have left or are disabled, by the number of the last change that threads were told of by then. */
  readonly #leaving = new Map<ServerSlot, number>();
  #change = 0;
  #highest = 0;

  /** Slots that have ever been in use are below this. */
  get used(): number {
    return this.#highest;
  }

  /** Whether anything may come of a `sweep`. */
  get hasLeaving(): boolean {
    return this.#leaving.size > 0;
  }

  /** Threads are told of the change with this number from now on. Numbers grow. */
  begins(change: number): void {
    this.#change = change;
  }

  /** Lets go of servers at which nothing is under way, if every thread has followed the changes up to this one: their keys. */
  sweep(followed: number): readonly string[] {
    const keys: string[] = [];
    for (const [server, change] of this.#leaving) {
      const isOver = change <= followed && Atomics.load(this.inFlight, server.slot) === 0;
      if (!isOver && this.isLeaving(server)) continue;
      this.#leaving.delete(server);
      if (!this.isLeaving(server)) continue;
      keys.push(server.key);
      this.settle(server);
    }
    return keys;
  }

  protected override allot(key: string): number {
    const slot = super.allot(key);
    this.#highest = Math.max(this.#highest, slot + 1);
    return slot;
  }

  protected override giveBack(slot: number): void {
    this.counts.failures[slot] = 0;
    super.giveBack(slot);
  }

  protected override left(server: ServerSlot): void {
    this.#leaving.set(server, this.#change);
  }
}
