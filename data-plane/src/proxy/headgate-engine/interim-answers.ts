import type { ForwardExchange } from '../forwarder.ts';
import type { AnswerHead } from './answer-head.ts';
import { fieldLines } from '../prepared-fields.ts';
import { statusLine } from './own-answer-text.ts';
import type { ReadRequest } from './request-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** Interim answers that are passed on for one request. */
const MAX_INTERIM = 16;

export interface InterimAnswersOptions {
  readonly exchange: ForwardExchange;
  readonly writer: WireWriter;
  readonly request: ReadRequest;
}

/** What a client is told before its answer (RFC 9110 section 15.2). HTTP/1.0 has no interim answers. */
export class InterimAnswers {
  /** Whether the client waits for 100. */
  isContinueAwaited: boolean;
  readonly #options: InterimAnswersOptions;
  #passedOn = 0;

  constructor(options: InterimAnswersOptions) {
    this.#options = options;
    const { version, block, chunked, contentLength } = options.request;
    const expects = version === '1.1' && block.fields.expectations.length > 0;
    this.isContinueAwaited = expects && (chunked || contentLength > 0);
  }

  /** Lets the client go on; 100 is for those who asked. */
  proceed(): void {
    if (!this.isContinueAwaited) return;
    this.isContinueAwaited = false;
    this.#options.writer.text(`${statusLine(100)}\r\n`);
    this.#options.writer.flush();
  }

  /** The server has said something that is no answer yet, and not 100. */
  passOn({ status, statusLine: line, rawHeaders, version }: AnswerHead): void {
    const { request, exchange, writer } = this.#options;
    if (request.version === '1.0' || ++this.#passedOn > MAX_INTERIM) return;
    const fields = exchange.responseHeaders(status, rawHeaders, version);
    writer.text(`${line}${fieldLines(fields)}\r\n`);
    writer.flush();
  }
}
