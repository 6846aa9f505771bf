import { readAnswerHead, type AnswerHead } from './answer-head.ts';
import { ContentReader, FAULT, type ContentFraming } from './content-reader.ts';
import type { ContentSink } from './chunked-decoder.ts';
import { isHopeless } from './hopeless-text.ts';
import { ownString } from './own-string.ts';

/** Somebody to whom a server answers. */
export interface AnswerSink {
  /** 1xx, but for 101. */
  interim(head: AnswerHead): void;
  /** 101. What comes after it is no HTTP. */
  switched(head: AnswerHead, bytes: Buffer, from: number, to: number): void;
  answer(head: AnswerHead, framing: ContentFraming): void;
  answerContent(bytes: Buffer, from: number, to: number): void;
  /** All of it has come. `isLast`: nothing else has, so far. */
  answerComplete(trailers: readonly string[], isLast: boolean): void;
  invalidAnswer(): void;
}

const MAX_HEAD_BYTES = 65_536;
/** Pieces beyond this are content for the most part, which is not to be made text. */
const USUAL_HEAD_BYTES = 4_096;
const END = '\r\n\r\n';
const limits = { trailerBytes: 16_384, trailerFields: 100 };

/** What follows a head. */
interface Behind {
  readonly sink: AnswerSink;
  readonly bytes: Buffer;
  readonly at: number;
  readonly to: number;
}

type State = 'head' | 'content' | 'done';

/** Reads what a server answers, one request after the other, and tells whoever has asked. */
export class AnswerReader implements ContentSink {
  readonly #content = new ContentReader(limits);
  #state: State = 'done';
  #isHead = false;
  #sink: AnswerSink | undefined;
  #partial = '';
  /** The head before this one: servers repeat themselves. */
  #last: AnswerHead | undefined;

  /** A request has gone out: `method` decides whether its answer has content. */
  begin(method: string): void {
    this.#state = 'head';
    this.#isHead = method === 'HEAD';
    this.#partial = '';
  }

  /** Whether the end of the connection would end the answer in order. */
  get endsByClose(): boolean {
    return this.#state === 'content' && this.#content.framing === 'close';
  }

  /** Nothing more is told of the answer. */
  stop(): void {
    this.#state = 'done';
    this.#sink = undefined;
  }

  /** Reads on. The sink may `stop` or `begin` anew at any call: after that the bytes are not its own any more. */
  take(bytes: Buffer, to: number, sink: AnswerSink): void {
    this.#sink = sink;
    let at = 0;
    while (at < to && this.#state === 'head') at = this.#takeHead(bytes, at, to, sink);
    if (this.#state === 'content') this.#takeContent(bytes, at, to, sink);
  }

  content(bytes: Buffer, from: number, to: number): void {
    if (this.#state === 'content') this.#sink?.answerContent(bytes, from, to);
  }

  #takeHead(bytes: Buffer, from: number, to: number, sink: AnswerSink): number {
    if (this.#partial === '' && this.#isRepeated(bytes, from, to)) {
      return this.#tell(this.#last!, { sink, bytes, at: from + this.#last!.text.length, to });
    }
    const before = this.#partial.length;
    const piece = bytes.toString('latin1', from, endOfHead(bytes, from, Math.min(to, from + MAX_HEAD_BYTES - before)));
    const text = before === 0 ? piece : this.#partial + piece;
    const end = text.indexOf(END);
    if (end === -1) {
      this.#partial = text;
      if (text.length >= MAX_HEAD_BYTES || isHopeless(text) || !couldBeginAnswer(text)) this.#invalid(sink);
      return to;
    }
    this.#partial = '';
    const at = from + end + END.length - before;
    this.#last = readAnswerHead(ownString(text.slice(0, end + END.length)));
    if (this.#last !== undefined) return this.#tell(this.#last, { sink, bytes, at, to });
    this.#invalid(sink);
    return to;
  }

  /** Whether the head is that of the answer before. */
  #isRepeated(bytes: Buffer, from: number, to: number): boolean {
    const end = from + (this.#last?.text.length ?? Infinity);
    return end <= to && bytes.toString('latin1', from, end) === this.#last?.text;
  }

  /** Returns where the bytes behind the head begin. */
  #tell(head: AnswerHead, { sink, bytes, at, to }: Behind): number {
    if (head.status >= 200) this.#begin(head, sink, at === to);
    else if (!mayComeBefore(head)) this.#invalid(sink);
    else if (head.status !== 101) sink.interim(head);
    else {
      this.stop();
      sink.switched(head, bytes, at, to);
    }
    return at;
  }

  #begin(head: AnswerHead, sink: AnswerSink, isLast: boolean): void {
    if (!head.isSound) return this.#invalid(sink);
    const framing = this.#framingOf(head);
    this.#content.begin(framing, head.contentLength ?? 0);
    this.#state = 'content';
    sink.answer(head, framing);
    if (this.#state === 'content' && this.#content.isComplete) this.#complete(sink, isLast);
  }

  #framingOf({ status, chunked, contentLength }: AnswerHead): ContentFraming {
    if (this.#isHead || status === 204 || status === 304) return 'none';
    if (chunked) return 'chunked';
    return contentLength === undefined ? 'close' : 'length';
  }

  #takeContent(bytes: Buffer, from: number, to: number, sink: AnswerSink): void {
    const at = this.#content.take(bytes, from, to, this);
    if (this.#state !== 'content') return;
    if (at === FAULT) this.#invalid(sink);
    else if (this.#content.isComplete) this.#complete(sink, at === to);
  }

  #complete(sink: AnswerSink, isLast: boolean): void {
    this.stop();
    sink.answerComplete(this.#content.trailers, isLast);
  }

  #invalid(sink: AnswerSink): void {
    this.stop();
    sink.invalidAnswer();
  }
}

/**
 * HTTP/1.0 has no interim answers, behind one that closes the connection nothing would come, and one that announces
 * content leaves in doubt where the next head begins (RFC 9110 sections 8.6 and 15.2).
 */
function mayComeBefore({ version, keepAlive, chunked, contentLength = 0 }: AnswerHead): boolean {
  return version === '1.1' && keepAlive && !chunked && contentLength === 0;
}

/** Where a head in these bytes may end; it ends there or before. */
function endOfHead(bytes: Buffer, from: number, to: number): number {
  if (to - from <= USUAL_HEAD_BYTES) return to;
  const end = bytes.indexOf(END, from, 'latin1');
  return end === -1 || end + END.length > to ? to : end + END.length;
}

const BEGINNING = 'HTTP/1.';

/** Servers of other protocols need not end any head. */
function couldBeginAnswer(text: string): boolean {
  return text.length < BEGINNING.length ? BEGINNING.startsWith(text) : text.startsWith(BEGINNING);
}
