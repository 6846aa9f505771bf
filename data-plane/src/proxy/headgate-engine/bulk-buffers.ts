/** Of one buffer: twice as many bytes for a call of the system as in the buffer that all share. */
export const BULK_BYTES = 131_072;
/** Free ones that are kept for later. */
const MAX_FREE = 64;

interface Use {
  /** Writes that the system has not finished. */
  writes: number;
  /** Whether somebody reads into it. */
  isRead: boolean;
}

/**
 * Buffers for much content: a connection that brings much reads into one of its own, and what was read is written on from
 * there. A buffer is used again when nobody reads into it and nothing of it is being written. Made anew for each piece,
 * they would cost more than all the rest: memory outside the heap makes V8 look through all of the heap ever again.
 */
export class BulkBuffers {
  readonly #free: Buffer[] = [];
  readonly #uses = new Map<Buffer, Use>();

  /** Buffers that are in use. */
  get size(): number {
    return this.#uses.size;
  }

  /** A buffer to read or copy into, until `leave`. */
  take(): Buffer {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(BULK_BYTES);
    this.#uses.set(buffer, { writes: 0, isRead: true });
    return buffer;
  }

  /** Whether these are bytes of one of these buffers, which stay as they are while they are being written. */
  has(buffer: Buffer): boolean {
    return this.#uses.has(buffer);
  }

  /** Whether something of it is being written: then nothing may be read into it. */
  isWritten(buffer: Buffer): boolean {
    return (this.#uses.get(buffer)?.writes ?? 0) > 0;
  }

  writeBegins(buffer: Buffer): void {
    const use = this.#uses.get(buffer);
    if (use !== undefined) use.writes++;
  }

  writeEnds(buffer: Buffer): void {
    const use = this.#uses.get(buffer);
    if (use === undefined) return;
    use.writes--;
    this.#settle(buffer, use);
  }

  /** Nothing is read or copied into it any more. */
  leave(buffer: Buffer): void {
    const use = this.#uses.get(buffer);
    if (use === undefined) return;
    use.isRead = false;
    this.#settle(buffer, use);
  }

  #settle(buffer: Buffer, { writes, isRead }: Use): void {
    if (isRead || writes > 0) return;
    this.#uses.delete(buffer);
    if (this.#free.length < MAX_FREE) this.#free.push(buffer);
  }
}

/** For all connections, as `readingBuffer` is. */
export const bulkBuffers = new BulkBuffers();
