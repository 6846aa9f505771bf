import { connect, type LookupFunction, type Socket } from 'node:net';
import { nameOptions } from '../../resolution/name-options.ts';
import type { ServerSlot } from '../../upstream/server-slots.ts';
import { AnswerReader } from './answer-reader.ts';
import { BulkReading } from './bulk-reading.ts';
import type { Outbox } from './outbox.ts';
import { readingBuffer } from './reading-buffer.ts';
import type { ConnectionSeeker, ServerUser } from './server-user.ts';
import { WireWriter } from './wire-writer.ts';

/** What a connection tells its keeper. */
export interface ConnectionKeeper {
  closed(connection: UpstreamConnection): void;
}

export interface UpstreamConnectionOptions {
  readonly server: ServerSlot;
  /** Where the server is, if its address is a name. */
  readonly lookup: LookupFunction;
  /** Told when it stands. */
  readonly seeker: ConnectionSeeker;
  readonly keeper: ConnectionKeeper;
  readonly outbox: Outbox;
  /** By the coarse clock. */
  readonly nowMs: number;
}

/** TCP keep-alive notices servers that are gone without a word, in tunnels above all. */
const TCP_KEEP_ALIVE_MS = 60_000;

/** One connection to a server, in use by one request or tunnel at a time, or idle. */
export class UpstreamConnection {
  readonly server: ServerSlot;
  readonly socket: Socket;
  readonly writer: WireWriter;
  readonly reader = new AnswerReader();
  readonly #keeper: ConnectionKeeper;
  /** Undefined while it is idle, or does not stand yet. */
  user: ServerUser | undefined = undefined;
  /** Undefined once it stands. */
  seeker: ConnectionSeeker | undefined;
  /** Requests that have been sent on it. */
  requests = 0;
  /** By the coarse clock: when it was opened, and until when it may be used again. */
  readonly openedMs: number;
  #hasEnded = false;
  readonly #bulk = new BulkReading();
  #lastLength = 0;
  usableUntilMs = Infinity;

  constructor({ server, lookup, seeker, keeper, outbox, nowMs }: UpstreamConnectionOptions) {
    this.server = server;
    this.seeker = seeker;
    this.#keeper = keeper;
    this.openedMs = nowMs;
    this.socket = this.#connect(lookup);
    this.writer = new WireWriter(this.socket, outbox);
  }

  /** Whether it stands, and the server has not ended its side. */
  get isUsable(): boolean {
    return !this.#hasEnded && !this.socket.destroyed;
  }

  /** Nobody is told of anything any more. */
  destroy(): void {
    this.user = undefined;
    this.seeker = undefined;
    this.reader.stop();
    this.socket.destroy();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (this.socket.isPaused()) this.socket.resume();
  }

  #connect(lookup: LookupFunction): Socket {
    const { address: host, port } = this.server;
    const socket = connect({
      host,
      port,
      ...nameOptions(lookup),
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      onread: { buffer: () => this.#nextBuffer(), callback: (length, bytes) => this.#read(length, bytes as Buffer) },
    });
    socket.once('connect', () => this.#connected());
    socket.on('drain', () => this.user?.serverDrained());
    socket.on('end', () => this.#ended());
    socket.on('error', ignore); // `close` follows
    socket.once('close', () => this.#closed());
    return socket;
  }

  #connected(): void {
    const { seeker } = this;
    this.seeker = undefined;
    seeker?.connected();
  }

  /** Bytes on an idle connection would become the answer to the next request. */
  #read(length: number, bytes: Buffer): boolean {
    this.#lastLength = length;
    if (this.user === undefined) this.socket.destroy();
    else this.user.fromServer(bytes, length);
    return true;
  }

  /**
   * Asked before each attempt to connect, of which a name with several addresses may need some, and after each read;
   * undefined for the same one again, which Node's types do not know.
   */
  #nextBuffer(): Buffer {
    return (this.seeker === undefined ? this.#bufferAfterRead() : readingBuffer) as Buffer;
  }

  #bufferAfterRead(): Buffer | undefined {
    return this.user === undefined ? this.#bulk.end() : this.#bulk.next(this.#lastLength, this.socket.isPaused());
  }

  #ended(): void {
    this.#hasEnded = true;
    if (this.user === undefined) this.socket.destroy();
    else this.user.serverEnded();
  }

  #closed(): void {
    const { user, seeker } = this;
    this.user = undefined;
    this.seeker = undefined;
    this.#bulk.end();
    this.#keeper.closed(this);
    user?.serverLost();
    seeker?.connectFailed();
  }
}

function ignore(): void {}
