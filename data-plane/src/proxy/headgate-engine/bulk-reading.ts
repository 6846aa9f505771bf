import { bulkBuffers } from './bulk-buffers.ts';
import { readingBuffer } from './reading-buffer.ts';

/** A read of so much is likely to be followed by another one, and one of so little is not. */
const MUCH_BYTES = 16_384;
const LITTLE_BYTES = 4_096;

/** Which buffer a connection reads into: the one that all share, or one of its own while much is coming. */
export class BulkReading {
  #own: Buffer | undefined = undefined;

  /**
   * The buffer for the next read, after one of so many bytes; undefined when it is the same. Those who wait (`isPaused`), maybe
   * for long, hold none beside the one that is being written.
   */
  next(length: number, isPaused: boolean): Buffer | undefined {
    const own = this.#own;
    if (own === undefined) return length < MUCH_BYTES || isPaused ? undefined : this.#take();
    if (length < LITTLE_BYTES || isPaused) return this.end();
    if (!bulkBuffers.isWritten(own)) return undefined;
    bulkBuffers.leave(own);
    return this.#take();
  }

  /** Back to the buffer that all share. */
  end(): Buffer | undefined {
    if (this.#own === undefined) return undefined;
    bulkBuffers.leave(this.#own);
    this.#own = undefined;
    return readingBuffer;
  }

  #take(): Buffer {
    this.#own = bulkBuffers.take();
    return this.#own;
  }
}
