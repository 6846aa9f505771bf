import { BackendTraffic } from './backend-traffic.ts';
import type { OtherLines } from './other-lines.ts';
import { cell, CELL_SIZE, count, type SharedCounts, type ThreadRow } from './shared-counts.ts';

/** The backends of one thread for which somebody waits, and how others are told. */
export interface ThreadLines {
  readonly waiting: Set<BackendTraffic>;
  /** Tells a thread that something is free for the one who waits there. */
  readonly wake: (thread: number) => void;
}

export interface SharedTrafficOptions {
  readonly counts: SharedCounts;
  /** Of the backend. */
  readonly place: number;
  /** Which thread counts, from 0; undefined in the main thread, which only reads. */
  readonly thread: number | undefined;
  readonly lines: ThreadLines;
}

/** What is under way for one backend in all threads. */
export class SharedTraffic extends BackendTraffic {
  override readonly others: OtherLines | undefined;
  readonly #counts: Int32Array;
  readonly #row: ThreadRow | undefined;
  readonly #at: number;

  constructor(options: SharedTrafficOptions) {
    super();
    const { counts, place, thread } = options;
    this.#counts = counts.traffic;
    this.#row = thread === undefined ? undefined : counts.rows[thread];
    this.#at = place * CELL_SIZE;
    this.others = thread === undefined ? undefined : new SharedLines({ ...options, thread, traffic: this });
  }

  override get inFlight(): number {
    return this.#counts[this.#at + cell.inFlight]!;
  }

  override get retries(): number {
    return this.#counts[this.#at + cell.retries]!;
  }

  override get waiting(): number {
    return this.#counts[this.#at + cell.waiting]!;
  }

  override begin(): void {
    this.#count(cell.inFlight, 1);
  }

  override end(): void {
    this.#count(cell.inFlight, -1);
  }

  override retryBegins(): void {
    this.#count(cell.retries, 1);
  }

  override retryEnds(): void {
    this.#count(cell.retries, -1);
  }

  #count(what: number, by: number): void {
    if (this.#row !== undefined) count(this.#counts, this.#row.traffic, this.#at + what, by);
  }
}

interface SharedLinesOptions extends SharedTrafficOptions {
  readonly thread: number;
  readonly traffic: SharedTraffic;
}

/** The queues that threads have for one backend, seen from one of them. */
class SharedLines implements OtherLines {
  readonly #options: SharedLinesOptions;
  readonly #own: ThreadRow;
  readonly #at: number;

  constructor(options: SharedLinesOptions) {
    this.#options = options;
    this.#own = options.counts.rows[options.thread]!;
    this.#at = options.place * CELL_SIZE + cell.waiting;
  }

  enter(most: number): boolean {
    if (this.#count(1) <= most) return true;
    this.#count(-1);
    return false;
  }

  leave(): void {
    this.#count(-1);
  }

  head(sinceMs: number): void {
    const { place, traffic, lines } = this.#options;
    this.#own.waitingSinceMs[place] = sinceMs;
    if (sinceMs === 0) lines.waiting.delete(traffic);
    else lines.waiting.add(traffic);
  }

  isBehind(sinceMs: number): boolean {
    return this.#isAlone ? false : this.#longestWaiting(sinceMs) !== this.#options.thread;
  }

  wakeFirst(): void {
    if (this.#isAlone) return;
    const { thread, place, lines } = this.#options;
    const sinceMs = this.#own.waitingSinceMs[place]!;
    const first = this.#longestWaiting(sinceMs === 0 ? Infinity : sinceMs);
    if (first !== thread) lines.wake(first);
  }

  /** Whether nobody waits in other threads. */
  get #isAlone(): boolean {
    return this.#options.counts.traffic[this.#at] === this.#own.traffic[this.#at];
  }

  /** The thread of whoever has waited longest, since before `sinceMs`; this one when there is nobody. */
  #longestWaiting(sinceMs: number): number {
    const { counts, thread, place } = this.#options;
    let first = thread;
    let firstSinceMs = sinceMs;
    for (let number = 0; number < counts.rows.length; number++) {
      const since = counts.rows[number]!.waitingSinceMs[place]!;
      if (number === thread || since === 0 || since >= firstSinceMs) continue;
      first = number;
      firstSinceMs = since;
    }
    return first;
  }

  #count(by: number): number {
    return count(this.#options.counts.traffic, this.#own.traffic, this.#at, by);
  }
}
