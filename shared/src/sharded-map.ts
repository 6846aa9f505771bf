const SHARDS = 1_024;

/**
 * An immutable map from strings, cheap to change: a change copies the shards that it touches, not the map.
 * At 100,000 entries that is about a hundred entries for each key changed.
 */
export class ShardedMap<V> {
  readonly #shards: readonly ReadonlyMap<string, V>[];
  readonly size: number;

  private constructor(shards: readonly ReadonlyMap<string, V>[], size: number) {
    this.#shards = shards;
    this.size = size;
  }

  static empty<V>(): ShardedMap<V> {
    return new ShardedMap(new Array<ReadonlyMap<string, V>>(SHARDS).fill(new Map<string, V>()), 0);
  }

  get(key: string): V | undefined {
    return this.#shards[shardOf(key)]!.get(key);
  }

  has(key: string): boolean {
    return this.#shards[shardOf(key)]!.has(key);
  }

  /** A draft that starts as this map; this map stays as it is. */
  edit(): ShardedMapDraft<V> {
    return new ShardedMapDraft(this.#shards, this.size, (shards, size) => new ShardedMap(shards, size));
  }

  /** In no particular order. */
  *entries(): IterableIterator<[string, V]> {
    for (const shard of this.#shards) yield* shard;
  }

  /** In no particular order. */
  *values(): IterableIterator<V> {
    for (const shard of this.#shards) yield* shard.values();
  }

  /** In no particular order. */
  *keys(): IterableIterator<string> {
    for (const shard of this.#shards) yield* shard.keys();
  }
}

/** Collects changes to a ShardedMap. Reading sees the changes. */
export class ShardedMapDraft<V> {
  readonly #shards: ReadonlyMap<string, V>[];
  readonly #owned = new Map<number, Map<string, V>>();
  readonly #finish: (shards: readonly ReadonlyMap<string, V>[], size: number) => ShardedMap<V>;
  #size: number;

  constructor(
    shards: readonly ReadonlyMap<string, V>[],
    size: number,
    finish: (shards: readonly ReadonlyMap<string, V>[], size: number) => ShardedMap<V>,
  ) {
    this.#shards = [...shards];
    this.#size = size;
    this.#finish = finish;
  }

  get(key: string): V | undefined {
    return this.#shards[shardOf(key)]!.get(key);
  }

  has(key: string): boolean {
    return this.#shards[shardOf(key)]!.has(key);
  }

  set(key: string, value: V): void {
    const shard = this.#own(shardOf(key));
    const before = shard.size;
    this.#size += shard.set(key, value).size - before;
  }

  delete(key: string): boolean {
    const index = shardOf(key);
    if (!this.#shards[index]!.has(key)) return false;
    this.#size--;
    return this.#own(index).delete(key);
  }

  /** The changed map. The draft must not be used afterwards. */
  done(): ShardedMap<V> {
    return this.#finish(this.#shards, this.#size);
  }

  #own(index: number): Map<string, V> {
    const owned = this.#owned.get(index);
    if (owned !== undefined) return owned;
    const copy = new Map(this.#shards[index]);
    this.#owned.set(index, copy);
    this.#shards[index] = copy;
    return copy;
  }
}

/** FNV-1a over UTF-16 units. */
function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 15)) & (SHARDS - 1);
}
