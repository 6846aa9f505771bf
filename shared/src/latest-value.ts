/** Reads a value that changes, and hears of its changes. */
export interface ReadableValue<T> {
  readonly value: T;
  /** Calls back now with the current value, then at each change. Returns how to stop. */
  subscribe(listener: (value: T) => void): () => void;
}

interface Subscription<T> {
  readonly listener: (value: T) => void;
}

/**
 * The newest value of something. A late subscriber gets the current value; an equal value is no change.
 * Listeners are called in the order of their subscription, synchronously, and must not throw. A listener that sets a
 * newer value ends the round of the older one: nobody hears the older value after the newer.
 */
export class LatestValue<T> implements ReadableValue<T> {
  readonly #subscriptions = new Set<Subscription<T>>();
  readonly #equal: (a: T, b: T) => boolean;
  #value: T;
  #changes = 0;

  constructor(value: T, equal: (a: T, b: T) => boolean = Object.is) {
    this.#value = value;
    this.#equal = equal;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (this.#equal(this.#value, value)) return;
    this.#value = value;
    const change = ++this.#changes;
    for (const subscription of [...this.#subscriptions]) {
      if (change !== this.#changes) return;
      if (this.#subscriptions.has(subscription)) subscription.listener(value);
    }
  }

  subscribe(listener: (value: T) => void): () => void {
    const subscription = { listener };
    this.#subscriptions.add(subscription);
    listener(this.#value);
    return () => this.#subscriptions.delete(subscription);
  }
}
