import type { Socket } from 'node:net';
import { BULK_BYTES, bulkBuffers } from './bulk-buffers.ts';
import type { Outbox, Posted } from './outbox.ts';

/** Up to here content is joined to the text around it: one write without a second buffer. */
const MAX_JOINED_BYTES = 4_096;

/** Somebody who waits until the system has taken everything. */
export interface WriteWaiter {
  written(): void;
}

/**
 * What goes out on a socket: heads and what frames content as text, content as bytes. Text waits for what comes with it,
 * until `flush` or the end of the turn, so that a head and the beginning of its content are one write. Bytes are copied:
 * they may be gone when the system takes them. Those of bulk buffers stay, and are lent.
 */
export class WireWriter implements Posted {
  readonly socket: Socket;
  readonly #outbox: Outbox;
  #text = '';
  #isPosted = false;
  #waiter: WriteWaiter | undefined = undefined;

  constructor(socket: Socket, outbox: Outbox) {
    this.socket = socket;
    this.#outbox = outbox;
  }

  /** Whether the system takes no more for the moment; `drain` says when it does again. */
  get isBlocked(): boolean {
    return this.socket.writableNeedDrain;
  }

  /** Whether nothing waits here, whatever the system has taken. */
  get isFlushed(): boolean {
    return this.#text === '';
  }

  /** Whether the system has taken everything. */
  get isEmpty(): boolean {
    return this.#text === '' && this.socket.writableLength === 0;
  }

  /** One character for each byte. */
  text(text: string): void {
    this.#text += text;
  }

  bytes(bytes: Buffer, from: number, to: number): void {
    if (to - from <= MAX_JOINED_BYTES && this.#text.length <= MAX_JOINED_BYTES) {
      this.#text += bytes.toString('latin1', from, to);
      return;
    }
    this.flush();
    if (bulkBuffers.has(bytes)) this.#lend(bytes, from, to);
    else this.#copy(bytes, from, to);
  }

  flush(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.socket.write(text, 'latin1');
  }

  /** Flushes at the end of the turn. What must come before the end of the connection needs `flush`. */
  flushSoon(): void {
    if (this.#isPosted || this.#text === '') return;
    this.#isPosted = true;
    this.#outbox.add(this);
  }

  /** Tells when the system has taken all that was written before, unless the socket fails first. One at a time. */
  whenEmpty(waiter: WriteWaiter): void {
    if (this.#isPosted) this.#waiter = waiter;
    else this.#tellWhenWritten(waiter);
  }

  /** Called by the outbox. */
  post(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#isPosted = false;
    if (this.socket.destroyed) return;
    this.flush();
    if (waiter === undefined) return;
    if (this.isEmpty) waiter.written();
    else this.#tellWhenWritten(waiter);
  }

  #copy(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at += BULK_BYTES) {
      const copy = bulkBuffers.take();
      this.#lend(copy, 0, bytes.copy(copy, 0, at, to));
      bulkBuffers.leave(copy);
    }
  }

  /** Writes from a buffer that stays as it is until the system has taken everything. */
  #lend(buffer: Buffer, from: number, to: number): void {
    const { socket } = this;
    socket.write(buffer.subarray(from, to));
    if (socket.writableLength === 0) return;
    bulkBuffers.writeBegins(buffer);
    socket.write('', 'latin1', () => bulkBuffers.writeEnds(buffer));
  }

  #tellWhenWritten(waiter: WriteWaiter): void {
    this.socket.write('', 'latin1', (error) => {
      if (!error) waiter.written();
    });
  }
}
