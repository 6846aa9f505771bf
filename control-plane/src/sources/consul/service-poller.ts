import { backoffDelay, type BackoffOptions } from '@headgate/shared/backoff';
import type { Clock } from '@headgate/shared/clock';
import type { SourceEntry } from '../source.ts';
import type { ConsulAnswer, ConsulQuery } from './consul-client.ts';

/** From the start of one query to the start of the next; Consul's own waits are longer than all of it. */
const MIN_GAP_MS = 100;
/** The gap doubles up to this while answers come at once and say nothing new. */
const MAX_GAP_MS = 1_000;

/** Who is told of what a poller finds. */
export interface PollerListener {
  /** The service was read; `changed` when it is not as it was read before, or was never read. */
  read(service: string, reading: { readonly entries: readonly SourceEntry[]; readonly changed: boolean }): void;
  failed(service: string, error: unknown): void;
}

export interface ServicePollerOptions {
  readonly service: string;
  readonly query: (query: ConsulQuery) => Promise<ConsulAnswer>;
  readonly listener: PollerListener;
  readonly clock: Clock;
  readonly backoff: BackoffOptions;
}

/**
 * Follows one service by blocking queries, one at a time:
 *
 * 1. The first query reads what is there; each one after it names the index of the last answer and blocks until that moves.
 * 2. The index may move without a change, and a server may answer at once for ever: queries keep a distance.
 * 3. After a failure the next query reads anew. A server that lost its data would otherwise hold back a query for an
 *    index that it has yet to reach, for a whole wait.
 */
export class ServicePoller {
  readonly #options: ServicePollerOptions;
  readonly #closing = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #index = 0n;
  #failures = 0;
  #gapMs = MIN_GAP_MS;
  /** What was read last, as text. */
  #last: string | undefined;

  constructor(options: ServicePollerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ended = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const startedMs = this.#options.clock.monotonic();
      const outcome = await this.#query();
      if (this.#closed) return;
      const dueMs = outcome.ok ? this.#succeed(outcome.answer, startedMs) : this.#fail(outcome.error);
      await this.#pauseUntil(dueMs);
    }
  }

  async #query(): Promise<
    { readonly ok: true; readonly answer: ConsulAnswer } | { readonly ok: false; readonly error: unknown }
  > {
    const { service, query } = this.#options;
    try {
      return { ok: true, answer: await query({ service, index: this.#index, signal: this.#closing.signal }) };
    } catch (error) {
      return { ok: false, error };
    }
  }

  /** Returns when the next query is due. */
  #succeed({ index, entries }: ConsulAnswer, startedMs: number): number {
    const { service, listener } = this.#options;
    const text = JSON.stringify(entries);
    const changed = text !== this.#last;
    this.#last = text;
    this.#index = index;
    this.#failures = 0;
    this.#gapMs = changed ? MIN_GAP_MS : Math.min(MAX_GAP_MS, this.#gapMs * 2);
    listener.read(service, { entries, changed });
    return startedMs + this.#gapMs;
  }

  /** Returns when the next query is due. */
  #fail(error: unknown): number {
    const { service, listener, clock, backoff } = this.#options;
    this.#index = 0n;
    listener.failed(service, error);
    return clock.monotonic() + backoffDelay(this.#failures++, backoff);
  }

  #pauseUntil(dueMs: number): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    const delayMs = dueMs - clock.monotonic();
    if (delayMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.after(delayMs, done);
      signal.addEventListener('abort', done);
    });
  }
}
