import type { Clock } from './clock.ts';

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** A clock for tests that moves only when told to. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #monotonic = 0;
  #offset: number;

  constructor(startMs = 1_700_000_000_000) {
    this.#offset = startMs;
  }

  now(): number {
    return this.#offset + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Number of timers that are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { due: this.#monotonic + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves on, calling what falls due in order of time. */
  advance(milliseconds: number): void {
    const end = this.#monotonic + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#monotonic = next.due;
      next.callback();
    }
    this.#monotonic = end;
  }

  /** Changes the wall clock alone, as an administrator or NTP does. */
  jump(milliseconds: number): void {
    this.#offset += milliseconds;
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end && (first === undefined || timer.due < first.due)) first = timer;
    }
    return first;
  }
}
