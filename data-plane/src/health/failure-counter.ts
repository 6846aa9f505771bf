import type { Backend } from '@headgate/shared/model/backend';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import type { ServerObserver } from './server-observer.ts';

export interface FailureCounterOptions {
  readonly slots: ServerSlots;
  /** In a row, by slot, in memory that all threads share. */
  readonly failures: Int32Array;
  /** A server has failed as often in a row as its backend allows. */
  readonly report: (server: ServerSlot, failures: number) => void;
}

/**
 * Counts failures in a row over all threads, in one of them. Whose failure completes a row reports it, once; what follows
 * from it is for the `Ejector` of the process to say.
 */
export class FailureCounter implements ServerObserver {
  readonly #options: FailureCounterOptions;

  constructor(options: FailureCounterOptions) {
    this.#options = options;
  }

  succeeded({ slot }: ServerSlot, { ejection }: Backend): void {
    const { failures } = this.#options;
    if (ejection !== undefined && failures[slot] !== 0) Atomics.store(failures, slot, 0);
  }

  failed(server: ServerSlot, { ejection }: Backend): void {
    const { slots, failures, report } = this.#options;
    const { slot } = server;
    if (ejection === undefined || slots.isRetired(server) || slots.ejected[slot] !== 0) return;
    if (Atomics.add(failures, slot, 1) + 1 < ejection.consecutiveFailures) return;
    const inRow = Atomics.exchange(failures, slot, 0);
    // Otherwise another thread has taken the row.
    if (inRow >= ejection.consecutiveFailures) report(server, inRow);
  }
}
