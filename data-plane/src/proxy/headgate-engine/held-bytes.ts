import type { Socket } from 'node:net';

/** What may be kept of a client before it is not read any more. */
const MAX_HELD_BYTES = 65_536;

/** Why a client is not read. */
const HELD_TOO_MUCH = 1;
const SERVER_BUSY = 2;

/** What a client has sent that nobody wants yet, and whether the client is read. */
export class HeldBytes {
  readonly #socket: Socket;
  #bytes: Buffer | undefined = undefined;
  #pausedBy = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.#bytes === undefined;
  }

  /** Keeps a copy. A client that sends too much of it is not read until `take`. */
  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat(this.#bytes === undefined ? [bytes] : [this.#bytes, bytes]);
    if (this.#bytes.length > MAX_HELD_BYTES) this.#pause(HELD_TOO_MUCH);
  }

  take(): Buffer | undefined {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    this.#resume(HELD_TOO_MUCH);
    return bytes;
  }

  /** Stops reading while a server takes no more. */
  pause(): void {
    this.#pause(SERVER_BUSY);
  }

  resume(): void {
    this.#resume(SERVER_BUSY);
  }

  #pause(reason: number): void {
    if (this.#pausedBy === 0) this.#socket.pause();
    this.#pausedBy |= reason;
  }

  #resume(reason: number): void {
    if (this.#pausedBy === 0) return;
    this.#pausedBy &= ~reason;
    if (this.#pausedBy === 0) this.#socket.resume();
  }
}
