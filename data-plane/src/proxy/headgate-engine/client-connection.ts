import type { Socket } from 'node:net';
import { canonicalAddress } from '@headgate/shared/model/address';
import type { ForwarderLimits } from '../forwarder.ts';
import { ownAnswer } from '../own-answer.ts';
import { adoptSocket } from './adopt-socket.ts';
import type { ContentSink } from './chunked-decoder.ts';
import type { ClientRequest } from './client-request.ts';
import { ContentReader, FAULT } from './content-reader.ts';
import type { Outbox } from './outbox.ts';
import { HeldBytes } from './held-bytes.ts';
import { readingBuffer } from './reading-buffer.ts';
import { RequestReader, type ReadRequest, type RequestFault } from './request-reader.ts';
import { WheelTimer, type Expiring, type TimerWheel } from './timer-wheel.ts';
import { WireWriter } from './wire-writer.ts';

export interface ClientConnectionOptions {
  /** Accepted, paused and not read from yet. */
  readonly accepted: Socket;
  readonly wheel: TimerWheel;
  readonly outbox: Outbox;
  readonly limits: ForwarderLimits;
  /** A request has come: it is carried out from `start` on. */
  readonly begin: (connection: ClientConnection, request: ReadRequest) => StartedRequest;
  /** What has come is no request: it is answered from `start` on. */
  readonly refuse: (connection: ClientConnection, fault: RequestFault) => StartedRequest;
  readonly closed: (connection: ClientConnection) => void;
}

export interface StartedRequest extends ClientRequest {
  start(): void;
}

/**
 * What is done with the bytes that come:
 *
 * 1. `head`: they belong to the next request.
 * 2. `content`: they are content of the request under way, or of one that was answered without it.
 * 3. `held`: they are kept, for content that is not wanted yet, or because the request before is not answered.
 * 4. `lost`: they are read and thrown away, so that closing does not destroy what the client has not read yet.
 */
type Mode = 'head' | 'content' | 'held' | 'lost';

/** How long a client may take to close after it was told that the connection closes. */
const LINGER_MS = 1_000;
/** How long an idle connection remembers what it did last. */
const REST_AFTER_MS = 1_000;

/** One connection of a client. Its requests are carried out one after the other, in the order in which they came. */
export class ClientConnection implements Expiring, ContentSink {
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
  readonly writer: WireWriter;
  readonly timer: WheelTimer;
  readonly #options: ClientConnectionOptions;
  readonly #reader: RequestReader;
  readonly #content: ContentReader;
  #mode: Mode = 'head';
  #request: StartedRequest | undefined;
  readonly #held: HeldBytes;
  #isReading = false;
  /** Whether it has been idle for a while, and remembers nothing. */
  #isResting = true;

  constructor(options: ClientConnectionOptions) {
    const { accepted, limits, wheel, outbox } = options;
    this.#options = options;
    const socket = this.#adopt(accepted);
    this.socket = socket;
    this.address = canonicalAddress((socket.remoteAddress ?? '').replace(/%.*$/, '')) ?? '';
    this.port = socket.remotePort ?? 0;
    this.writer = new WireWriter(socket, outbox);
    this.#held = new HeldBytes(socket);
    this.timer = new WheelTimer(wheel, this);
    this.#reader = new RequestReader(limits);
    this.#content = new ContentReader({ trailerBytes: limits.headerBytes, trailerFields: limits.headerFields });
    this.#listen();
    this.timer.set(Math.min(limits.headerTimeoutMs, limits.keepAliveTimeoutMs));
  }

  /** Whether nothing of a request has come that is not answered. */
  get isIdle(): boolean {
    return this.#mode === 'head' && !this.#reader.hasPartial;
  }

  /** Whether no request is being answered, though one may be coming in. */
  get isWithoutRequest(): boolean {
    return this.#request === undefined && this.#mode !== 'lost';
  }

  /** Whether content of the request under way has been read to its end. */
  get isContentComplete(): boolean {
    return this.#content.isComplete;
  }

  /** Whether bytes are being told of: they are flushed when all have been. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Content is told from now on, that which came before included. */
  readContent(): void {
    if (this.#content.isComplete) return;
    this.#mode = 'content';
    this.#readHeld();
  }

  /** Content is kept from now on. */
  holdContent(): void {
    if (this.#mode === 'content') this.#mode = 'held';
  }

  /** Everything that is kept, for somebody who reads on by himself. */
  takeHeld(): Buffer | undefined {
    return this.#held.take();
  }

  /** Stops reading while a server takes no more. */
  pause(): void {
    this.#held.pause();
  }

  resume(): void {
    this.#held.resume();
  }

  /** The request has been answered, and the system has the answer. */
  done(closes: boolean): void {
    this.#request = undefined;
    this.resume();
    if (closes || this.#mode === 'lost') return this.#linger();
    if (this.#content.isComplete) this.#awaitRequest();
    else this.#discardContent();
    this.#readHeld();
  }

  /** Closes at once: the client sees that its answer is not whole. `reset`: where only an RST can tell it. */
  cut(reset: boolean): void {
    this.#request = undefined;
    if (reset) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }

  content(bytes: Buffer, from: number, to: number): void {
    this.#request?.content(bytes, from, to);
  }

  expired(): void {
    if (this.#request !== undefined) return this.#request.expired();
    if (!this.#isResting && this.isIdle) return this.#rest();
    if (this.#mode !== 'head' || !this.#reader.hasPartial) return void this.socket.destroy();
    this.#refuse({ fault: 'request_timeout', method: '', target: '' });
  }

  #adopt(accepted: Socket): Socket {
    const callback = (length: number, bytes: Uint8Array): boolean => {
      this.#take(bytes as Buffer, length);
      return true;
    };
    const adopted = adoptSocket(accepted, { buffer: readingBuffer, callback });
    return adopted ?? accepted.on('data', (bytes: Buffer) => this.#take(bytes, bytes.length)).resume();
  }

  #listen(): void {
    const { socket } = this;
    socket.on('drain', () => this.#request?.clientDrained());
    socket.on('end', () => this.#ended());
    socket.on('error', ignore); // `close` follows
    socket.once('close', () => this.#closed());
  }

  /** The bytes are overwritten by the next ones that are read, whoever's they are. */
  #take(bytes: Buffer, to: number): void {
    this.#isReading = true;
    this.#consume(bytes, to);
    this.#isReading = false;
    this.#request?.flush();
  }

  #consume(bytes: Buffer, to: number): void {
    let at = 0;
    while (at < to) {
      switch (this.#mode) {
        case 'head':
          at = this.#readHead(bytes, at, to);
          break;
        case 'content':
          at = this.#readContent(bytes, at, to);
          break;
        case 'held':
          return this.#held.add(bytes.subarray(at, to));
        case 'lost':
          return;
      }
    }
  }

  #readHead(bytes: Buffer, from: number, to: number): number {
    const isNew = !this.#reader.hasPartial;
    const request = this.#reader.read(bytes, from, to);
    if (request === undefined) {
      if (isNew) this.timer.set(this.#options.limits.headerTimeoutMs);
      return to;
    }
    if ('fault' in request) {
      this.#refuse(request);
      return to;
    }
    const { at } = this.#reader;
    this.#begin(request);
    return at;
  }

  #begin(request: ReadRequest): void {
    this.#mode = 'held';
    this.#content.begin(framingOf(request), request.contentLength);
    this.#request = this.#options.begin(this, request);
    this.#request.start();
  }

  #refuse(fault: RequestFault): void {
    this.#mode = 'lost';
    this.#content.begin('none', 0);
    this.#request = this.#options.refuse(this, fault);
    this.#request.start();
    if (!this.#isReading) this.#request?.flush();
  }

  #readContent(bytes: Buffer, from: number, to: number): number {
    const at = this.#content.take(bytes, from, to, this);
    if (at === FAULT) {
      this.#contentFault();
      return to;
    }
    if (this.#mode === 'content' && this.#content.isComplete) this.#contentComplete();
    return at;
  }

  #contentComplete(): void {
    if (this.#request === undefined) return this.#awaitRequest();
    this.#mode = 'held';
    this.#request.contentComplete(this.#content.trailers);
  }

  /** Whoever sends what is no content has nothing to say afterwards that could be trusted. */
  #contentFault(): void {
    this.#mode = 'lost';
    if (this.#request === undefined) this.#linger();
    else this.#request.contentFault(ownAnswer('bad_request'));
  }

  #awaitRequest(): void {
    this.#mode = 'head';
    this.#isResting = false;
    this.timer.set(Math.min(REST_AFTER_MS, this.#options.limits.keepAliveTimeoutMs));
  }

  /** Connections are idle for most of their life, and there are many. */
  #rest(): void {
    this.#isResting = true;
    this.#reader.forget();
    this.timer.set(Math.max(0, this.#options.limits.keepAliveTimeoutMs - REST_AFTER_MS));
  }

  #discardContent(): void {
    this.#mode = 'content';
    this.timer.set(this.#options.limits.headerTimeoutMs);
  }

  /** A reset would take away what the client has not read yet (RFC 9112 section 9.6): so it is given time to close. */
  #linger(): void {
    this.#mode = 'lost';
    this.#held.take();
    this.timer.set(LINGER_MS);
    this.socket.end();
  }

  #readHeld(): void {
    if (this.#isReading || this.#held.isEmpty) return;
    const held = this.#held.take()!;
    this.#take(held, held.length);
  }

  /** A client that ends its side while it is owed an answer has left; tunnels go on. */
  #ended(): void {
    if (this.#mode === 'lost' && this.#request === undefined) return; // this side has ended already
    if (this.#request?.clientEnded() === true) return;
    this.socket.destroy();
  }

  #closed(): void {
    const request = this.#request;
    this.#request = undefined;
    this.timer.close();
    request?.clientLost();
    this.#options.closed(this);
  }
}

function framingOf({ chunked, contentLength }: ReadRequest): 'none' | 'length' | 'chunked' {
  if (chunked) return 'chunked';
  return contentLength > 0 ? 'length' : 'none';
}

function ignore(): void {}
