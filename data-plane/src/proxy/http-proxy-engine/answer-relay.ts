import type { IncomingMessage, ServerResponse } from 'node:http';
import { trailerFields } from '../trailer-fields.ts';

export interface AnswerRelayOptions {
  readonly answer: IncomingMessage;
  readonly response: ServerResponse;
  /** As the answer's head says; undefined when it does not, or when there is no content. */
  readonly contentLength: number | undefined;
  /** Bytes have moved, or the client takes them again. */
  readonly moved: () => void;
  /** All of it has come. The client's answer is left to be ended, with the last piece if there is one. */
  readonly complete: (last: Buffer | undefined) => void;
  /** The server's answer broke off. */
  readonly broken: () => void;
}

/** The content of an answer on its way to the client, no faster than the client takes it. Its head has been written. */
export class AnswerRelay {
  sent = 0;
  readonly #options: AnswerRelayOptions;
  #over = false;

  constructor(options: AnswerRelayOptions) {
    this.#options = options;
    const { answer, response } = options;
    answer.on('data', this.#take);
    answer.once('end', () => this.#finish(undefined));
    answer.once('error', this.#break);
    answer.once('close', this.#break);
    response.on('drain', this.#drained);
    // What came along with the head goes out in one piece with it; this runs after that.
    process.nextTick(this.#flushHead);
  }

  /** Whether all of it has come from the server, though perhaps not gone to the client. */
  get isWhole(): boolean {
    return this.#options.answer.complete;
  }

  /** Nothing more is reported. */
  stop(): void {
    this.#over = true;
    this.#options.response.removeListener('drain', this.#drained);
  }

  readonly #take = (chunk: Buffer): void => {
    if (this.#over) return;
    const { answer, response, moved, contentLength } = this.#options;
    this.sent += chunk.length;
    // Head, last piece and end go out as one.
    if (this.sent === contentLength) return this.#finish(chunk);
    moved();
    if (!response.write(chunk)) answer.pause();
  };

  readonly #drained = (): void => {
    this.#options.moved();
    this.#options.answer.resume();
  };

  readonly #flushHead = (): void => {
    if (!this.#over && this.sent === 0) this.#options.response.flushHeaders();
  };

  #finish(last: Buffer | undefined): void {
    if (this.#over) return;
    this.stop();
    const { answer, response, complete } = this.#options;
    const trailers = response.chunkedEncoding ? trailerFields(answer.rawTrailers) : undefined;
    if (trailers !== undefined) response.addTrailers(trailers);
    complete(last);
  }

  /** An answer that breaks off emits an error; only one that was whole emits `end` before `close`. */
  readonly #break = (): void => {
    if (this.#over) return;
    this.stop();
    this.#options.broken();
  };
}
