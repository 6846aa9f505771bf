/** Every byte that came over a wire, in order. Bytes are only ever added, so views stay valid. */
export class ByteLog {
  #store = Buffer.allocUnsafe(4_096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Buffer): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#store.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#store.length * 2));
      this.#store.copy(larger, 0, 0, this.#length);
      this.#store = larger;
    }
    bytes.copy(this.#store, this.#length);
    this.#length = needed;
  }

  bytes(from = 0, to = this.#length): Buffer {
    return this.#store.subarray(from, Math.min(to, this.#length));
  }

  /** One character for each byte. */
  text(from = 0): string {
    return this.bytes(from).toString('latin1');
  }

  /** Where `text` begins at or after `from`; -1 when it has not come. */
  indexOf(text: string, from: number): number {
    return this.bytes().indexOf(text, from, 'latin1');
  }
}
