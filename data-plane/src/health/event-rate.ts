import type { Clock } from '@headgate/shared/clock';

/** How many events there are in a second, as a mean over the last whole seconds. */
export class EventRate {
  readonly #clock: Clock;
  /** One for each second of the window, and one for the second that runs. */
  readonly #counts: Uint32Array;
  #second = 0;

  constructor(clock: Clock, windowSeconds: number) {
    this.#clock = clock;
    this.#counts = new Uint32Array(windowSeconds + 1);
  }

  mark(): void {
    this.#move();
    this.#counts[this.#second % this.#counts.length]!++;
  }

  get perSecond(): number {
    this.#move();
    const running = this.#counts[this.#second % this.#counts.length]!;
    return (this.#counts.reduce((sum, count) => sum + count, 0) - running) / (this.#counts.length - 1);
  }

  /** Empties the seconds that have begun since. */
  #move(): void {
    const now = Math.floor(this.#clock.monotonic() / 1_000);
    const passed = Math.min(now - this.#second, this.#counts.length);
    for (let step = 0; step < passed; step++) this.#counts[(now - step) % this.#counts.length] = 0;
    this.#second = now;
  }
}
