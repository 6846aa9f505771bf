const FEW = 8;

/**
 * The keys of one JSON object while it is read. Most objects have a handful of keys, for which comparing is cheaper than
 * hashing; beyond that a set takes over, so that ten thousand keys cost ten thousand steps.
 */
export class JsonKeys {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** Takes a key in; false when it was there. */
  add(key: string): boolean {
    if (this.#many !== undefined) return this.#addToMany(this.#many, key);
    if (this.#few.includes(key)) return false;
    this.#few.push(key);
    if (this.#few.length > FEW) this.#many = new Set(this.#few);
    return true;
  }

  get size(): number {
    return this.#many?.size ?? this.#few.length;
  }

  /** Forgets all keys, to be used for the next object. */
  clear(): void {
    this.#few.length = 0;
    this.#many = undefined;
  }

  #addToMany(many: Set<string>, key: string): boolean {
    const { size } = many;
    return many.add(key).size > size;
  }
}
