import type { Clock } from '@headgate/shared/clock';

interface Waiting {
  readonly isMet: () => boolean;
  readonly settle: () => void;
}

/** Waits until something is so that only others bring about, who say `look` when it may be. */
export class Conditions {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with whether it came true within the time. */
  async until(isMet: () => boolean, withinMs: number): Promise<boolean> {
    if (isMet()) return true;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(withinMs, () => {
        this.#waiting.delete(waiting);
        resolve(false);
      });
      const waiting = { isMet, settle: () => [cancel(), resolve(true)] };
      this.#waiting.add(waiting);
    });
  }

  /** Something has changed. */
  look(): void {
    for (const waiting of [...this.#waiting]) {
      if (!waiting.isMet()) continue;
      this.#waiting.delete(waiting);
      waiting.settle();
    }
  }
}
