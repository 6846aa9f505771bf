import { readFieldLines } from './field-lines.ts';
import { isHopeless } from './hopeless-text.ts';
import { isFramingField } from './is-framing-field.ts';

/** Takes the content of a message, piece by piece. The bytes are its own to read until it returns. */
export interface ContentSink {
  content(bytes: Buffer, from: number, to: number): void;
}

export interface ChunkedLimits {
  /** Of the trailer section. */
  readonly trailerBytes: number;
  readonly trailerFields: number;
}

/** What `take` returns for bytes that are no chunks. */
export const FAULT = -1;

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
/** 48 bits: beyond any content, and exact. */
const MAX_SIZE = 0xffff_ffff_ffff;
const MAX_SIZE_DIGITS = 16;
/** Extensions are dropped; they may not cost more than the content. */
const MAX_EXTENSION_BYTES = 256;
const MAX_EXTENSIONS_BYTES = 16_384;
const EXTENSIONS =
  /^(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)+$/;

const sizeState = 0;
const extensionState = 1;
const sizeEndState = 2;
const dataState = 3;
const dataCrState = 4;
const dataLfState = 5;
const trailerState = 6;
const doneState = 7;

/** The value of each hexadecimal digit; -1 for what is none. */
const digits = Int8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? -1 : value;
});

/**
 * Reads content in chunks (RFC 9112 section 7.1), wherever its pieces are cut, and mends nothing: every line ends with
 * CRLF, sizes are hexadecimal digits alone, extensions follow the grammar.
 */
export class ChunkedDecoder {
  readonly #limits: ChunkedLimits;
  #state = sizeState;
  #size = 0;
  #sizeDigits = 0;
  #extension = '';
  #extensionsBytes = 0;
  #trailer = '';
  /** Names and values in turn, when all has come. */
  trailers: readonly string[] = [];

  constructor(limits: ChunkedLimits) {
    this.#limits = limits;
  }

  get isComplete(): boolean {
    return this.#state === doneState;
  }

  /** Reads on. Returns where it stopped, which is behind the message once that is complete, or FAULT. */
  take(bytes: Buffer, from: number, to: number, sink: ContentSink): number {
    let at = from;
    while (at < to && at !== FAULT && this.#state !== doneState) {
      if (this.#state === dataState) at = this.#takeData(bytes, at, to, sink);
      else if (this.#state === trailerState) at = this.#takeTrailer(bytes, at, to);
      else at = this.#step(bytes[at]!) ? at + 1 : FAULT;
    }
    return at;
  }

  #takeData(bytes: Buffer, from: number, to: number, sink: ContentSink): number {
    const end = Math.min(to, from + this.#size);
    this.#size -= end - from;
    if (this.#size === 0) this.#state = dataCrState;
    sink.content(bytes, from, end);
    return end;
  }

  /** One byte of what stands around the data. Whether it may stand there. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case sizeState:
        return this.#stepSize(byte);
      case extensionState:
        return this.#stepExtension(byte);
      case sizeEndState:
        this.#state = this.#size === 0 ? trailerState : dataState;
        return byte === LF;
      case dataCrState:
        this.#state = dataLfState;
        return byte === CR;
      default:
        this.#begin();
        return byte === LF;
    }
  }

  #stepSize(byte: number): boolean {
    const digit = digits[byte]!;
    if (digit !== -1) {
      this.#size = this.#size * 16 + digit;
      return ++this.#sizeDigits <= MAX_SIZE_DIGITS && this.#size <= MAX_SIZE;
    }
    if (this.#sizeDigits === 0) return false;
    if (byte === SEMICOLON) {
      this.#state = extensionState;
      this.#extension = ';';
      return true;
    }
    this.#state = sizeEndState;
    return byte === CR;
  }

  #stepExtension(byte: number): boolean {
    if (byte === CR) {
      this.#state = sizeEndState;
      return EXTENSIONS.test(this.#extension);
    }
    this.#extension += String.fromCharCode(byte);
    return this.#extension.length <= MAX_EXTENSION_BYTES && ++this.#extensionsBytes <= MAX_EXTENSIONS_BYTES;
  }

  #takeTrailer(bytes: Buffer, from: number, to: number): number {
    const before = this.#trailer.length;
    const room = this.#limits.trailerBytes + 4 - before;
    this.#trailer += bytes.toString('latin1', from, Math.min(to, from + room));
    const end = this.#trailer.startsWith('\r\n') ? 0 : this.#trailer.indexOf('\r\n\r\n') + 2;
    if (end === 1) return this.#isTrailerHopeless() ? FAULT : to;
    const fields = readFieldLines(this.#trailer, 0, end, this.#limits.trailerFields);
    if (typeof fields === 'string' || fields.some(isFraming)) return FAULT;
    this.trailers = fields;
    this.#state = doneState;
    return from + end + 2 - before;
  }

  #isTrailerHopeless(): boolean {
    return this.#trailer.length >= this.#limits.trailerBytes + 4 || isHopeless(this.#trailer);
  }

  #begin(): void {
    this.#state = sizeState;
    this.#size = 0;
    this.#sizeDigits = 0;
  }
}

/** What would say anew where the content ends, when it has ended: some readers go by it (RFC 9112 section 7.1.2). */
function isFraming(text: string, index: number): boolean {
  return index % 2 === 0 && isFramingField(text);
}
