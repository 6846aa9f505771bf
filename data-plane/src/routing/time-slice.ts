import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock, type Clock } from '@headgate/shared/clock';

/** How long long work may hold the event loop, unless told otherwise. */
export const YIELD_EVERY_MS = 5;

/**
 * Turns of the event loop between two slices. A request takes about four on its way to a server and back; were there only
 * one, each would wait for a slice of its own.
 */
const TURNS = 4;

/** Steps between two looks at the clock: a step takes microseconds. */
const STEPS = 16;

/**
 * Cuts long work into slices, so that requests are served in between:
 * `for (…) { if (slice.isOver()) await slice.pause(); … }`
 */
export class TimeSlice {
  readonly #lengthMs: number;
  readonly #clock: Clock;
  #began: number;
  #steps = 0;

  /** `lengthMs` is how long the event loop may be held. */
  constructor(lengthMs: number, clock: Clock = systemClock) {
    this.#lengthMs = lengthMs;
    this.#clock = clock;
    this.#began = clock.monotonic();
  }

  /** Counts a step. */
  isOver(): boolean {
    if (++this.#steps % STEPS !== 0) return false;
    return this.#clock.monotonic() - this.#began >= this.#lengthMs;
  }

  /** Lets everything run that is waiting for the event loop. */
  async pause(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    this.#began = this.#clock.monotonic();
  }

  /** Takes every step of a generator, with pauses in between. The first slice runs before this returns. */
  async run(steps: Iterable<unknown>): Promise<void> {
    for (const _step of steps) if (this.isOver()) await this.pause();
  }
}
