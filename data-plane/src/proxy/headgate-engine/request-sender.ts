import type { ForwardExchange } from '../forwarder.ts';
import { trailerFields } from '../trailer-fields.ts';
import { formatEndpoint } from '@headgate/shared/model/address';
import { fieldLines } from '../prepared-fields.ts';
import type { ReadRequest } from './request-reader.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { WireWriter } from './wire-writer.ts';

/**
 * A request on its way to a server: its head, and its content as it comes. What it may be asked to send again it keeps,
 * as long as that is little.
 */
export class RequestSender {
  /** Bytes of content that have come from the client. */
  received = 0;
  /** Whether all content has been handed over. */
  isComplete: boolean;
  readonly #exchange: ForwardExchange;
  readonly #request: ReadRequest;
  #writer: WireWriter | undefined;
  /** What has come, or undefined when it cannot be sent again. */
  #copy: Buffer[] | undefined;
  #trailers: readonly string[] = [];

  constructor(exchange: ForwardExchange, request: ReadRequest) {
    this.#exchange = exchange;
    this.#request = request;
    this.isComplete = !request.chunked && request.contentLength === 0;
  }

  /** Whether all that has come can be sent again. */
  get isReplayable(): boolean {
    return this.received === 0 || this.#copy !== undefined;
  }

  /** Whether all of it has been written to the connection. */
  get isSent(): boolean {
    return this.isComplete && this.#writer?.isFlushed === true;
  }

  /** Whether the server takes no more for the moment. */
  get isBlocked(): boolean {
    return this.#writer?.isBlocked === true;
  }

  /** Sends it on this connection, from its beginning. */
  begin(connection: UpstreamConnection): void {
    const { writer } = connection;
    this.#writer = writer;
    writer.text(this.#head(connection));
    for (const piece of this.#copy ?? []) this.#write(piece, 0, piece.length);
    if (this.isComplete) this.#writeEnd();
  }

  content(bytes: Buffer, from: number, to: number): void {
    this.#keep(bytes, from, to);
    this.received += to - from;
    this.#write(bytes, from, to);
  }

  complete(trailers: readonly string[]): void {
    this.isComplete = true;
    this.#trailers = trailers;
    this.#writeEnd();
  }

  /** At the end of the turn. */
  flushSoon(): void {
    this.#writer?.flushSoon();
  }

  /** Nothing more goes to this connection. */
  stop(): void {
    this.#writer = undefined;
  }

  /** It will not be sent again. */
  forgetCopy(): void {
    this.#copy = undefined;
  }

  #head({ server }: UpstreamConnection): string {
    const { target, hasHost, requestLines } = this.#exchange;
    const host = hasHost ? '' : `Host: ${formatEndpoint(server.address, server.port)}\r\n`;
    const coding = this.#request.chunked ? 'Transfer-Encoding: chunked\r\n' : '';
    return `${this.#request.method} ${target} HTTP/1.1\r\n${host}${requestLines}${coding}\r\n`;
  }

  #write(bytes: Buffer, from: number, to: number): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    if (this.#request.chunked) writer.text(`${(to - from).toString(16)}\r\n`);
    writer.bytes(bytes, from, to);
    if (this.#request.chunked) writer.text('\r\n');
  }

  #writeEnd(): void {
    if (!this.#request.chunked) return;
    const fields = trailerFields(this.#trailers);
    this.#writer?.text(`0\r\n${fields === undefined ? '' : fieldLines(fields.flat())}\r\n`);
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const { replayBytes } = this.#exchange;
    if (this.received + to - from > replayBytes) this.#copy = undefined;
    else if (this.received === 0) this.#copy = [Buffer.from(bytes.subarray(from, to))];
    else this.#copy?.push(Buffer.from(bytes.subarray(from, to)));
  }
}
