import type { Clock } from '@headgate/shared/clock';

/** One timer for many that expire: it waits for the earliest, and there is none while nobody waits. */
export class ExpiryTimer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #cancel: () => void = () => undefined;
  #dueMs = Infinity;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** One more expires, at this time of `clock.monotonic`. */
  include(dueMs: number): void {
    if (dueMs < this.#dueMs) this.set(dueMs);
  }

  /** The earliest expires at this time; Infinity for none. */
  set(dueMs: number): void {
    this.#cancel();
    this.#dueMs = dueMs;
    this.#cancel =
      dueMs === Infinity
        ? () => undefined
        : this.#clock.after(dueMs - this.#clock.monotonic(), () => {
            this.#dueMs = Infinity;
            this.#onDue();
          });
  }
}
