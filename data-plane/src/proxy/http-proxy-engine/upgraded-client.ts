import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What a client may send before its tunnel stands. */
const MAX_EARLY_BYTES = 65_536;

/**
 * A client whose connection Node has let go of, because it asked for something else than HTTP. It gets an answer through
 * `response` all the same, after which the connection is closed; or its socket is taken over for a tunnel.
 */
export class UpgradedClient {
  readonly response: ServerResponse;
  readonly #socket: Socket;
  readonly #early: Buffer[] = [];
  readonly #take = (bytes: Buffer): void => this.#keep(bytes);
  readonly #gone = (): void => void this.#socket.destroy();
  readonly #drained = (): void => void this.response.emit('drain');
  #earlyBytes = 0;

  constructor(request: IncomingMessage, socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.response = new ServerResponse(request);
    this.response.shouldKeepAlive = false;
    socket.on('error', ignore); // Node has taken its own listener away: a reset would end the process
    socket.on('data', this.#take); // also the only way to notice that the client goes away
    socket.on('end', this.#gone);
    socket.on('drain', this.#drained);
    this.response.on('finish', () => socket.destroySoon());
    if (head.length > 0) this.#keep(head);
    this.response.assignSocket(socket);
    socket.resume();
  }

  /** The socket, with what the client has sent since its request. Nothing is answered through `response` any more. */
  takeOver(): { readonly socket: Socket; readonly early: readonly Buffer[] } {
    this.#socket.removeListener('data', this.#take);
    this.#socket.removeListener('end', this.#gone);
    this.#socket.removeListener('drain', this.#drained);
    this.response.detachSocket(this.#socket);
    return { socket: this.#socket, early: this.#early };
  }

  #keep(bytes: Buffer): void {
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > MAX_EARLY_BYTES) this.#socket.pause();
  }
}

function ignore(): void {}
