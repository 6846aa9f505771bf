import type { Clock } from '@headgate/shared/clock';

/** A pause of one loop that can be cut short; a cut between two pauses is for the next one. */
export class InterruptiblePause {
  readonly #clock: Clock;
  #cut = false;
  #end: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves after `ms`, or at once when there was a cut since the last pause. */
  async wait(ms: number): Promise<void> {
    if (!this.#cut) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(ms, resolve);
        this.#end = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#end = undefined;
    this.#cut = false;
  }

  cut(): void {
    this.#cut = true;
    this.#end?.();
  }
}
