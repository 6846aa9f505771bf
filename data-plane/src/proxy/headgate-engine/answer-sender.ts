import type { HttpVersion } from '../forwarder.ts';
import { fieldLines } from '../prepared-fields.ts';
import { trailerFields } from '../trailer-fields.ts';
import type { AnswerHead } from './answer-head.ts';
import { connectionLine } from './connection-line.ts';
import type { ContentFraming } from './content-reader.ts';
import type { DateField } from './date-field.ts';
import type { WireWriter } from './wire-writer.ts';

export interface AnswerSenderOptions {
  readonly writer: WireWriter;
  readonly head: AnswerHead;
  /** How the server tells the end of the content. */
  readonly framing: ContentFraming;
  /** Its fields as the client shall see them, each with its line end. */
  readonly lines: string;
  readonly clientVersion: HttpVersion;
  /** Whether the client's connection closes after it for other reasons. */
  readonly closes: boolean;
  /** For a server that says none (RFC 9110 section 6.6.1). */
  readonly date: DateField;
}

/** An answer on its way to the client, in a framing that the client understands. */
export class AnswerSender {
  /** Bytes of content. */
  sent = 0;
  /** Whether the client's connection closes after it. */
  readonly closes: boolean;
  /** Whether nothing but the end of the connection tells the client where the answer ends. */
  readonly endsByClose: boolean;
  readonly #writer: WireWriter;
  readonly #chunked: boolean;

  constructor(options: AnswerSenderOptions) {
    const { writer, framing, clientVersion } = options;
    const isOpenEnded = framing === 'chunked' || framing === 'close';
    this.#writer = writer;
    this.#chunked = isOpenEnded && clientVersion === '1.1';
    this.endsByClose = isOpenEnded && clientVersion === '1.0';
    this.closes = options.closes || this.endsByClose;
    writer.text(this.#head(options));
  }

  content(bytes: Buffer, from: number, to: number): void {
    this.sent += to - from;
    if (!this.#chunked) return this.#writer.bytes(bytes, from, to);
    this.#writer.text(`${(to - from).toString(16)}\r\n`);
    this.#writer.bytes(bytes, from, to);
    this.#writer.text('\r\n');
  }

  complete(trailers: readonly string[]): void {
    if (!this.#chunked) return;
    const fields = trailerFields(trailers);
    this.#writer.text(`0\r\n${fields === undefined ? '' : fieldLines(fields.flat())}\r\n`);
  }

  #head({ head, lines, clientVersion, date: ownDate }: AnswerSenderOptions): string {
    const date = head.hasDate ? '' : ownDate.line;
    const coding = this.#chunked ? 'Transfer-Encoding: chunked\r\n' : '';
    const connection = connectionLine(clientVersion, this.closes);
    return `${head.statusLine}${lines}${date}${coding}${connection}\r\n`;
  }
}
