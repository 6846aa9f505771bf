import type { ServerSlot } from './server-slots.ts';
import { count, type SharedCounts, type ThreadRow } from './shared-counts.ts';
import { SharedSlots } from './shared-slots.ts';

/** The slots of a thread that serves requests: numbered by the main thread, which also says when they are free. */
export class ThreadSlots extends SharedSlots {
  readonly #row: ThreadRow;
  #numbers: ReadonlyMap<string, number> = new Map();

  /** `thread` is its number, from 0. */
  constructor(counts: SharedCounts, thread: number) {
    super(counts);
    this.#row = counts.rows[thread]!;
  }

  /** The slots of the servers that the next change brings. */
  number(numbers: ReadonlyMap<string, number>): void {
    this.#numbers = numbers;
  }

  /** Exact over all threads: whoever finds itself beyond the limit takes itself off again. */
  override begin({ slot }: ServerSlot, limit = 0): boolean {
    const now = count(this.inFlight, this.#row.inFlight, slot, 1);
    if (limit === 0 || now <= limit) return true;
    count(this.inFlight, this.#row.inFlight, slot, -1);
    return false;
  }

  override end({ slot }: ServerSlot): void {
    count(this.inFlight, this.#row.inFlight, slot, -1);
  }

  /** The main thread has seen that nothing is under way at a server that takes no new requests. */
  letGo(key: string): void {
    const server = this.get(key);
    if (server !== undefined) this.settle(server);
  }

  protected override allot(key: string): number {
    const slot = this.#numbers.get(key);
    if (slot === undefined) throw new Error(`the main thread has not numbered ${key}`);
    this.reserve(slot);
    return slot;
  }

  /** It is the main thread that clears what is known, before it gives the slot to another server. */
  protected override giveBack(): void {}

  /** Other threads may still begin requests there. */
  protected override left(): void {}
}
