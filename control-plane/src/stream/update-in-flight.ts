import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StreamWire } from './stream-wire.ts';
import type { UpdateLease } from './update-cache.ts';

/** One update on its way to one data plane: over when it was sent whole and answered. */
export class UpdateInFlight {
  readonly lease: UpdateLease;
  readonly #done: () => void;
  #sent = false;
  #answered = false;

  /** `done` is called once, when the next update may be sent. */
  constructor(lease: UpdateLease, done: () => void) {
    this.lease = lease;
    this.#done = done;
  }

  /** Sends chunk after chunk, each when the one before has left; `left` is told the bytes of each. */
  async send(wire: StreamWire, left: (bytes: number) => void): Promise<void> {
    for (let index = 0; ; index++) {
      const chunk = this.lease.chunk(index);
      if (chunk === undefined) break;
      if (!(await wire.send(chunk))) return;
      left(chunk.length);
      // The write of one stream must not keep the event loop from the others.
      await nextTurn();
    }
    this.#sent = true;
    this.#settle();
  }

  /** The data plane has accepted or refused it. */
  answer(): void {
    this.#answered = true;
    this.#settle();
  }

  /** The stream has ended. */
  abandon(): void {
    this.lease.release();
  }

  #settle(): void {
    if (!this.#sent || !this.#answered) return;
    this.lease.release();
    this.#done();
  }
}
