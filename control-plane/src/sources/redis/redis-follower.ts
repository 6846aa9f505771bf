import { backoffDelay } from '@headgate/shared/backoff';
import type { Clock } from '@headgate/shared/clock';
import { SourceError, type DocumentSource, type DocumentSourceContext } from '../source.ts';
import { TextDeliveries } from '../text-deliveries.ts';
import { InterruptiblePause } from './interruptible-pause.ts';
import { readValue } from './read-value.ts';
import { RedisConnection } from './redis-connection.ts';
import { redisFailure } from './redis-failure.ts';
import { RedisNotifications } from './redis-notifications.ts';
import type { RedisPlace } from './redis-place.ts';

const BACKOFF = { baseMs: 500, maxMs: 30_000 };
/** How long after a notification to read: one read is for a whole burst of them. */
const SOON_MS = 20;

export interface FollowedKey {
  readonly place: RedisPlace;
  readonly key: string;
  readonly pollMs: number;
  readonly notifications: boolean;
}

/**
 * The value of a key that is read again when it changes.
 *
 * 1. It is read once for each poll, and soon after each notification. Notifications can be missed, polls cannot.
 * 2. An answer that is no document is a failure, and is asked for again by the next poll.
 * 3. No answer is a failure that ends the connection; the next one comes after a pause that grows until there is one.
 */
export class RedisFollower implements DocumentSource {
  readonly #followed: FollowedKey;
  readonly #clock: Clock;
  readonly #deliveries: TextDeliveries;
  readonly #notifications: RedisNotifications | undefined;
  readonly #closing = new AbortController();
  readonly #poll: InterruptiblePause;
  readonly #backoff: InterruptiblePause;
  #attempt = 0;
  #cancelSoon: (() => void) | undefined;
  #following: Promise<void> | undefined;

  constructor(followed: FollowedKey, context: DocumentSourceContext) {
    this.#followed = followed;
    this.#clock = context.clock;
    this.#deliveries = new TextDeliveries(context);
    this.#poll = new InterruptiblePause(context.clock);
    this.#backoff = new InterruptiblePause(context.clock);
    const { place, key, notifications } = followed;
    const onChange = (): void => this.#readSoon();
    this.#notifications = notifications ? new RedisNotifications({ place, key, onChange }, context) : undefined;
  }

  start(): void {
    this.#following = this.#follow();
    this.#notifications?.start();
  }

  async close(): Promise<void> {
    this.#deliveries.close();
    this.#closing.abort();
    this.#cancelSoon?.();
    this.#poll.cut();
    this.#backoff.cut();
    await Promise.all([this.#following, this.#notifications?.close()]);
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#useConnection();
      } catch (error) {
        this.#deliveries.fail(redisFailure(this.#followed.place, error));
        if (!this.#closed) await this.#backoff.wait(backoffDelay(this.#attempt++, BACKOFF));
      }
    }
  }

  async #useConnection(): Promise<void> {
    const connection = await RedisConnection.open(this.#followed.place, {
      clock: this.#clock,
      signal: this.#closing.signal,
      onLost: () => this.#poll.cut(),
    });
    try {
      while (!this.#closed) {
        await this.#read(connection);
        await this.#poll.wait(this.#followed.pollMs);
      }
    } finally {
      connection.close();
    }
  }

  async #read(connection: RedisConnection): Promise<void> {
    try {
      const { place, key } = this.#followed;
      this.#deliveries.take([await readValue(connection, place, key)]);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#deliveries.fail(error);
    }
    this.#attempt = 0;
  }

  #readSoon(): void {
    if (this.#closed) return;
    this.#cancelSoon ??= this.#clock.after(SOON_MS, () => {
      this.#cancelSoon = undefined;
      this.#poll.cut();
    });
  }
}
