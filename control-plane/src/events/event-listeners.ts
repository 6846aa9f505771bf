import type { Writable } from 'node:stream';
import type { Clock } from '@headgate/shared/clock';
import type { EventLog } from './event-log.ts';
import { EventStream } from './event-stream.ts';
import type { Subscription } from './subscription.ts';

export interface ListenerLimits {
  /** At once. Default 100. */
  readonly listeners: number;
  /** A comment goes out so often, and what takes nothing for four times as long is cut off. Default 15 s. */
  readonly heartbeatMs: number;
}

const limitDefaults: ListenerLimits = { listeners: 100, heartbeatMs: 15_000 };

export interface EventListenersOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly limits?: Partial<ListenerLimits>;
}

/** Those who listen to events, a bounded number of them. */
export class EventListeners {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #limits: ListenerLimits;
  #open = 0;
  #cutOff = 0;

  constructor(options: EventListenersOptions) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#limits = { ...limitDefaults, ...options.limits };
  }

  get open(): number {
    return this.#open;
  }

  /** Those that were too slow, so far. */
  get cutOff(): number {
    return this.#cutOff;
  }

  get most(): number {
    return this.#limits.listeners;
  }

  /**
   * What writes events until the subscription ends; undefined when there are as many listeners as there may be. The place
   * is taken until the signal aborts.
   */
  add(subscription: Subscription): ((out: Writable) => Promise<void>) | undefined {
    if (this.#open >= this.#limits.listeners) return undefined;
    if (!subscription.signal.aborted) {
      this.#open++;
      subscription.signal.addEventListener('abort', () => this.#open--, { once: true });
    }
    return (out) => this.#serve(out, subscription);
  }

  async #serve(out: Writable, subscription: Subscription): Promise<void> {
    const { heartbeatMs } = this.#limits;
    const stream = new EventStream({ ...subscription, out, log: this.#log, clock: this.#clock, heartbeatMs });
    if ((await stream.run()) === 'too_slow') this.#cutOff++;
  }
}
