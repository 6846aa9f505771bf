import type { Clock } from '@headgate/shared/clock';

/**
 * One timer for all the waits of a request, one after the other. Putting it off costs a number, not a timer: an early
 * alarm looks at the time that is due now and sleeps on.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #cancel: (() => void) | undefined;
  #alarmMs = 0;
  #dueMs = Infinity;
  #waitMs = 0;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** Expires when `waitMs` pass without `touch`. What was set before is off. */
  set(waitMs: number): void {
    this.#waitMs = waitMs;
    this.#dueMs = this.#clock.monotonic() + waitMs;
    if (this.#cancel !== undefined && this.#alarmMs <= this.#dueMs) return;
    this.#cancel?.();
    this.#sleep(waitMs);
  }

  /** Something has moved: the wait begins anew. */
  touch(): void {
    if (this.#dueMs !== Infinity) this.#dueMs = this.#clock.monotonic() + this.#waitMs;
  }

  /** Nothing expires until `set` again. */
  clear(): void {
    this.#dueMs = Infinity;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #sleep(ms: number): void {
    this.#alarmMs = this.#clock.monotonic() + ms;
    this.#cancel = this.#clock.after(ms, () => this.#awake());
  }

  #awake(): void {
    this.#cancel = undefined;
    const leftMs = this.#dueMs - this.#clock.monotonic();
    // Timers may ring a little early: less than a millisecond is no wait.
    if (leftMs >= 1) return this.#sleep(leftMs);
    this.#dueMs = Infinity;
    this.#expired();
  }
}
