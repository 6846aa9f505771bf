import type { Clock } from '@headgate/shared/clock';

export interface CoalescerOptions {
  readonly clock: Clock;
  /** Runs when things have been quiet, and never twice at once. Must not throw. */
  readonly run: () => Promise<void>;
  /** How long nothing may have come. Default 100 ms. */
  readonly quietMs?: number;
  /** How long the first of a burst waits at most. Default 1 s. */
  readonly mostMs?: number;
}

/** Makes one run of a burst of requests: 100 ms after the last one, at most a second after the first. */
export class Coalescer {
  readonly #options: Required<CoalescerOptions>;
  #cancel: (() => void) | undefined;
  /** When the burst began, by the monotonic clock; undefined when nothing waits. */
  #since: number | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: CoalescerOptions) {
    this.#options = { quietMs: 100, mostMs: 1_000, ...options };
  }

  request(): void {
    if (this.#closed) return;
    const { clock, quietMs, mostMs } = this.#options;
    const now = clock.monotonic();
    this.#since ??= now;
    if (this.#running !== undefined) return;
    this.#cancel?.();
    this.#cancel = clock.after(Math.max(0, Math.min(quietMs, this.#since + mostMs - now)), () => this.#start());
  }

  /** Nothing runs after it; what runs is waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
  }

  #start(): void {
    this.#cancel = undefined;
    this.#since = undefined;
    this.#running = this.#options.run().finally(() => {
      this.#running = undefined;
      if (this.#since !== undefined) this.request();
    });
  }
}
