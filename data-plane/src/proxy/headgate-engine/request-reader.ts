import type { ForwarderLimits, HttpVersion } from '../forwarder.ts';
import { RequestBlock } from '../request-block.ts';
import { asksForWebSocket } from '../request-fields.ts';
import type { OwnReason } from '../own-answer.ts';
import { hasOption } from '../connection-options.ts';
import { fieldKind } from '../field-kind.ts';
import { endOfRun, tokenCharacters } from './character-tables.ts';
import { readFieldLines } from './field-lines.ts';
import { isHopeless } from './hopeless-text.ts';
import { ownString } from './own-string.ts';
import { maxMethodLength, readRequestLine } from './request-line.ts';

/** A request head, with what the engine itself goes by. */
export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  readonly version: HttpVersion;
  readonly block: RequestBlock;
  /** Whether the client keeps the connection open for another request. */
  readonly keepAlive: boolean;
  readonly webSocket: boolean;
  /** Of the content; both off when there is none, or when its end cannot be trusted. The core refuses the latter. */
  readonly chunked: boolean;
  readonly contentLength: number;
}

/** Bytes that are no request, as far as they could be read. */
export interface RequestFault {
  readonly fault: OwnReason;
  readonly method: string;
  readonly target: string;
}

/** The field lines of a request, and what was read from them. They are remembered: clients repeat themselves. */
interface FieldBlock {
  readonly text: string;
  readonly block: RequestBlock;
  readonly closes: boolean;
  readonly keepsAlive: boolean;
  readonly upgrades: boolean;
}

/** An empty line before a request is passed over (RFC 9112 section 2.2). */
const EMPTY_LINE = '\r\n';
const END = '\r\n\r\n';

type HeadLimits = Pick<ForwarderLimits, 'requestLineBytes' | 'headerBytes' | 'headerFields'>;

/**
 * Reads request heads from the pieces in which they come. What has come of an incomplete one is kept as text, no more of
 * it than a head may have.
 */
export class RequestReader {
  readonly #limits: HeadLimits;
  #partial = '';
  #block: FieldBlock | undefined;
  /** Where the bytes after the head begin in the piece that was read last. */
  at = 0;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Whether something of a head has come. */
  get hasPartial(): boolean {
    return this.#partial !== '';
  }

  /** Reads on; undefined when more has to come. */
  read(bytes: Buffer, from: number, to = bytes.length): ReadRequest | RequestFault | undefined {
    const before = this.#partial.length;
    const room = this.#limits.requestLineBytes + this.#limits.headerBytes + 8 - before;
    const piece = bytes.toString('latin1', from, Math.min(to, from + room));
    const text = before === 0 ? piece : this.#partial + piece;
    const start = text.startsWith(EMPTY_LINE) ? EMPTY_LINE.length : 0;
    const end = text.indexOf(END, start);
    if (end === -1) return this.#wait(text, start);
    this.#partial = '';
    this.at = from + end + END.length - before;
    return this.#readHead(text, start, end);
  }

  /** Forgets what it remembers of the requests before. */
  forget(): void {
    this.#block = undefined;
  }

  #wait(text: string, start: number): RequestFault | undefined {
    this.#partial = text;
    const lineEnd = text.indexOf('\r\n', start);
    const fault = this.#sizeFault(text, lineEnd === -1 ? text.length : lineEnd, start, text.length);
    if (fault !== undefined) return faultOf(fault);
    return isHopeless(text) ? faultOf('bad_request') : undefined;
  }

  #readHead(text: string, start: number, end: number): ReadRequest | RequestFault {
    const lineEnd = text.indexOf('\r\n', start);
    const line = readRequestLine(text, start, lineEnd);
    const tooLarge = this.#sizeFault(text, lineEnd, start, end + 2);
    if (typeof line === 'string') return faultOf(tooLarge ?? line);
    if (tooLarge !== undefined) return faultOf(tooLarge, line);
    const read = this.#readBlock(text.slice(lineEnd + 2, end + 2));
    if (typeof read === 'string') return faultOf(read, line);
    const { block, closes, keepsAlive, upgrades } = read;
    const { method, target, version } = line;
    const { framing } = block.verdicts(version);
    const trusted = typeof framing !== 'string';
    return {
      method,
      target,
      version,
      block,
      keepAlive: version === '1.1' ? !closes : keepsAlive && !closes,
      webSocket: upgrades && asksForWebSocket({ method, version, rawHeaders: block.rawHeaders }),
      chunked: trusted && framing.chunked,
      contentLength: trusted ? (framing.contentLength ?? 0) : 0,
    };
  }

  #sizeFault(text: string, lineEnd: number, start: number, end: number): OwnReason | undefined {
    if (lineEnd - start > this.#limits.requestLineBytes) return longLineFault(text, start);
    return end - lineEnd - 2 > this.#limits.headerBytes ? 'header_too_large' : undefined;
  }

  #readBlock(text: string): FieldBlock | OwnReason {
    if (this.#block?.text === text) return this.#block;
    const own = ownString(text);
    const rawHeaders = readFieldLines(own, 0, own.length, this.#limits.headerFields);
    if (typeof rawHeaders === 'string') return rawHeaders;
    this.#block = blockOf(own, rawHeaders);
    return this.#block;
  }
}

function blockOf(text: string, rawHeaders: readonly string[]): FieldBlock {
  let [closes, keepsAlive, upgrades] = [false, false, false];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const kind = fieldKind(rawHeaders[index]!);
    if (kind === 'upgrade') upgrades = true;
    if (kind !== 'connection') continue;
    closes ||= hasOption(rawHeaders[index + 1]!, 'close');
    keepsAlive ||= hasOption(rawHeaders[index + 1]!, 'keep-alive');
  }
  return { text, block: new RequestBlock(rawHeaders), closes, keepsAlive, upgrades };
}

/** What goes on for ever may be no request line at all. */
function longLineFault(text: string, start: number): OwnReason {
  return endOfRun(text, start, tokenCharacters) - start > maxMethodLength ? 'bad_request' : 'request_line_too_long';
}

const unknown = { method: '', target: '' };

function faultOf(fault: OwnReason, { method, target } = unknown): RequestFault {
  return { fault, method, target };
}
