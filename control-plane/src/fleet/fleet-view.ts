import type { DataPlaneRecord, Fleet, ReadableFleet } from './fleet-state.ts';

/**
 * The readable side of a fleet that changes often. Records are made when somebody reads, not at each event; subscribers
 * hear of changes once for each turn of the event loop.
 */
export class FleetView implements ReadableFleet {
  readonly #recordOf: (id: string) => DataPlaneRecord | undefined;
  readonly #dirty = new Set<string>();
  readonly #subscribers = new Set<(fleet: Fleet) => void>();
  #published: Fleet = new Map();
  #announcing = false;

  constructor(recordOf: (id: string) => DataPlaneRecord | undefined) {
    this.#recordOf = recordOf;
  }

  /** Everything as it stands now. */
  get value(): Fleet {
    if (this.#dirty.size > 0) this.#publish();
    return this.#published;
  }

  subscribe(listener: (fleet: Fleet) => void): () => void {
    this.#subscribers.add(listener);
    listener(this.value);
    return () => this.#subscribers.delete(listener);
  }

  /** The record of `id` is no longer what it was. */
  mark(id: string): void {
    this.#dirty.add(id);
    if (this.#announcing || this.#subscribers.size === 0) return;
    this.#announcing = true;
    setImmediate(() => this.#announce());
  }

  close(): void {
    this.#subscribers.clear();
  }

  #announce(): void {
    this.#announcing = false;
    const fleet = this.value;
    for (const subscriber of [...this.#subscribers]) subscriber(fleet);
  }

  #publish(): void {
    const next = new Map(this.#published);
    for (const id of this.#dirty) {
      const record = this.#recordOf(id);
      if (record === undefined) next.delete(id);
      else next.set(id, record);
    }
    this.#dirty.clear();
    this.#published = next;
  }
}
