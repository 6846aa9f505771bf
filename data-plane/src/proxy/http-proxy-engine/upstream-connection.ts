import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { ServerSlot } from '../../upstream/server-slots.ts';

/** What a connection tells its keeper. */
export interface ConnectionKeeper {
  /** The answer has been read to its end, and the server keeps the connection open. */
  released(connection: UpstreamConnection): void;
  closed(connection: UpstreamConnection): void;
}

/**
 * A connection to a server that stands already. It poses as the agent of the request that it carries: so the request is
 * begun when there is somebody to send it to, and a connection that fails has consumed nothing of it.
 */
export class UpstreamConnection {
  /** Node sends `Connection: keep-alive` for an agent that says so. */
  readonly keepAlive = true;
  readonly maxSockets = Infinity;
  readonly protocol = 'http:';
  readonly defaultPort = 80;

  readonly socket: Socket;
  readonly server: ServerSlot;
  /** Whether it has carried a request before. */
  reused = false;
  /** When it became idle, by the monotonic clock. */
  idleSinceMs = 0;
  /** How long the server keeps it, as far as it has said. */
  idleLimitMs = Infinity;

  readonly #keeper: ConnectionKeeper;
  readonly #unexpected = (): void => void this.socket.destroy();
  #readBefore = 0;
  #writtenBefore = 0;

  constructor(socket: Socket, server: ServerSlot, keeper: ConnectionKeeper) {
    this.socket = socket;
    this.server = server;
    this.#keeper = keeper;
    socket.on('free', () => this.#keeper.released(this));
    socket.once('close', () => this.#keeper.closed(this));
  }

  /** Called by Node's ClientRequest. */
  addRequest(request: ClientRequest): void {
    this.#readBefore = this.socket.bytesRead;
    this.#writtenBefore = this.socket.bytesWritten;
    request.onSocket(this.socket);
  }

  /** Whether anything has come from the server since the request was sent. */
  get hasAnswered(): boolean {
    return this.socket.bytesRead > this.#readBefore;
  }

  /** Whether any byte of the request was written, though perhaps not sent yet. */
  get hasSent(): boolean {
    return this.socket.bytesWritten > this.#writtenBefore;
  }

  get isUsable(): boolean {
    return !this.socket.destroyed && this.socket.readable && this.socket.writable;
  }

  /** Whatever comes on an idle connection, bytes or the end, makes it useless: bytes would answer the next request. */
  becomeIdle(nowMs: number): void {
    this.idleSinceMs = nowMs;
    this.reused = true;
    this.socket.on('data', this.#unexpected);
    this.socket.on('end', this.#unexpected);
  }

  becomeBusy(): void {
    this.socket.removeListener('data', this.#unexpected);
    this.socket.removeListener('end', this.#unexpected);
  }
}
