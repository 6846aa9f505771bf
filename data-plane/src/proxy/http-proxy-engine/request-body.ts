import type { ClientRequest, IncomingMessage } from 'node:http';
import { trailerFields } from '../trailer-fields.ts';

export interface RequestBodyOptions {
  readonly request: IncomingMessage;
  readonly hasContent: boolean;
  readonly chunked: boolean;
  /** How much of it is kept, to be sent again on another connection. A longer one is not kept at all. */
  readonly replayBytes: number;
  /** 0 is unlimited. */
  readonly maxBytes: number;
  /** Bytes have moved, or the server takes them again. */
  readonly moved: () => void;
  /** All of it has been handed over. */
  readonly complete: () => void;
  readonly tooLarge: () => void;
}

/** The content of a request on its way to a server: no faster than the server takes it, and never more than allowed. */
export class RequestBody {
  /** Bytes that came from the client. */
  received = 0;
  /** Whether all of it has been handed over. */
  isComplete = false;
  /** Whether it waits for the server to take what it was given. */
  isBlocked = false;
  readonly #options: RequestBodyOptions;
  #target: ClientRequest | undefined;
  #listening = false;
  /** All that came, or undefined when it is too much or not to be sent again. */
  #copy: Buffer[] | undefined;

  constructor(options: RequestBodyOptions) {
    this.#options = options;
    this.#copy = options.replayBytes > 0 ? [] : undefined;
  }

  get hasContent(): boolean {
    return this.#options.hasContent;
  }

  /** Whether all that has arrived can be sent once more. */
  get isReplayable(): boolean {
    return this.received === 0 || this.#copy !== undefined;
  }

  /** Sends it to this server, from its beginning. */
  sendTo(target: ClientRequest): void {
    this.#target = target;
    this.isBlocked = false;
    if (!this.#options.hasContent) return this.#finish();
    target.on('drain', this.#drained);
    for (const chunk of this.#copy ?? []) if (!target.write(chunk)) this.isBlocked = true;
    if (this.isComplete) return this.#finish();
    this.#listen();
    if (this.isBlocked) this.#options.request.pause();
  }

  /** It will not be sent again. */
  forgetCopy(): void {
    this.#copy = undefined;
  }

  /** No more goes to the server. What still comes is left to whoever reads the request next. */
  stop(): void {
    this.#target = undefined;
    if (!this.#listening) return;
    this.#listening = false;
    const { request } = this.#options;
    request.removeListener('data', this.#take);
    request.removeListener('end', this.#finish);
  }

  /** Holds back what the client sends until `sendTo` is called again. */
  pause(): void {
    this.stop();
    this.#options.request.pause();
  }

  #listen(): void {
    const { request } = this.#options;
    this.#listening = true;
    request.on('data', this.#take);
    request.once('end', this.#finish);
    request.resume();
  }

  readonly #take = (chunk: Buffer): void => {
    const { maxBytes, replayBytes, moved, tooLarge, request } = this.#options;
    this.received += chunk.length;
    if (this.received > replayBytes) this.#copy = undefined;
    this.#copy?.push(chunk);
    if (maxBytes > 0 && this.received > maxBytes) return tooLarge();
    moved();
    if (this.#target?.write(chunk) !== false) return;
    this.isBlocked = true;
    request.pause();
  };

  readonly #drained = (): void => {
    if (!this.isBlocked) return;
    this.isBlocked = false;
    this.#options.moved();
    if (this.#listening) this.#options.request.resume();
  };

  readonly #finish = (): void => {
    const target = this.#target;
    if (target === undefined) return;
    const { request, chunked, complete } = this.#options;
    const trailers = chunked ? trailerFields(request.rawTrailers) : undefined;
    if (trailers !== undefined) target.addTrailers(trailers);
    target.end();
    this.isComplete = true;
    complete();
  };
}
