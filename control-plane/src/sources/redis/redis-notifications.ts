import { backoffDelay } from '@headgate/shared/backoff';
import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import { InterruptiblePause } from './interruptible-pause.ts';
import { RedisConnection } from './redis-connection.ts';
import { redisFailure } from './redis-failure.ts';
import type { RedisPlace } from './redis-place.ts';

const BACKOFF = { baseMs: 1_000, maxMs: 30_000 };
/** A connection that only listens would not notice that the other end has gone. */
const PING_MS = 10_000;

export interface NotifiedKey {
  readonly place: RedisPlace;
  readonly key: string;
  /** The key has changed, or may have while nobody listened. */
  readonly onChange: () => void;
}

/**
 * Listens for the keyspace notifications of a key, on a connection of its own, because one that listens cannot read. A
 * server that sends none (`notify-keyspace-events` without `K` and the kinds of changes, which may come later) is listened
 * to all the same: asking for the setting takes rights that a reader should not have. Failures are no failures of the
 * source, which reads by polls as well.
 */
export class RedisNotifications {
  readonly #notified: NotifiedKey;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #pause: InterruptiblePause;
  readonly #closing = new AbortController();
  #attempt = 0;
  #listening: Promise<void> | undefined;

  constructor(notified: NotifiedKey, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#notified = notified;
    this.#clock = clock;
    this.#logger = logger;
    this.#pause = new InterruptiblePause(clock);
  }

  start(): void {
    this.#listening = this.#listen();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#pause.cut();
    await this.#listening;
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #listen(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#useConnection();
      } catch (error) {
        if (this.#closed) return;
        const err = redisFailure(this.#notified.place, error);
        this.#logger.debug({ err }, 'changes in Redis are not heard of: they are found by polls');
        await this.#pause.wait(backoffDelay(this.#attempt++, BACKOFF));
      }
    }
  }

  async #useConnection(): Promise<void> {
    const { place, key, onChange } = this.#notified;
    const connection = await RedisConnection.open(place, {
      clock: this.#clock,
      signal: this.#closing.signal,
      onLost: () => this.#pause.cut(),
    });
    try {
      await connection.subscribe(`__keyspace@${place.address.database}__:${key}`, onChange);
      this.#attempt = 0;
      onChange();
      while (!this.#closed) {
        await this.#pause.wait(PING_MS);
        await connection.ping();
      }
    } finally {
      connection.close();
    }
  }
}
