import type { ServerDuplexStream } from '@grpc/grpc-js';
import { statusOf, type Refusal } from './refusal.ts';

/** One gRPC stream as bytes in both directions. */
export type ByteStream = ServerDuplexStream<Buffer, Buffer>;

/** The control plane's end of one stream: a write that says when it has left, and one event for every kind of end. */
export class StreamWire {
  readonly #stream: ByteStream;
  readonly #closeListeners = new Set<() => void>();
  #closed = false;

  constructor(stream: ByteStream) {
    this.#stream = stream;
    const close = (): void => this.#close();
    stream.on('cancelled', close);
    stream.on('close', close);
    stream.on('end', () => {
      stream.end();
      close();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  get peer(): string {
    return this.#stream.getPeer();
  }

  onMessage(listener: (bytes: Buffer) => void): void {
    this.#stream.on('data', (bytes: Buffer) => {
      if (!this.#closed) listener(bytes);
    });
  }

  /** Calls back once, however the stream ends. Returns how to stop. */
  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /** What comes in waits, at the sender when it is much. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /**
   * Resolves when the message has left for the network, which a reader that has stopped holds up, or with false when
   * the stream has ended. Whoever waits for it before the next message has one in flight and no more.
   */
  send(message: Buffer): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const stop = this.onClose(() => resolve(false));
      this.#stream.write(message, () => {
        stop();
        resolve(true);
      });
    });
  }

  /** Ends the stream, saying why. */
  end(refusal: Refusal): void {
    if (this.#closed) return;
    this.#stream.emit('error', statusOf(refusal));
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const listener of [...this.#closeListeners]) listener();
    this.#closeListeners.clear();
  }
}
