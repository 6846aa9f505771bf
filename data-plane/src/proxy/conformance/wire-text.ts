/** Composes valid messages; invalid ones are written out by the cases that send them. */
export interface RequestText {
  /** Default GET. */
  readonly method?: string;
  /** Default `/`. */
  readonly target?: string;
  /** Default 1.1. */
  readonly version?: '1.0' | '1.1';
  /** Default a.test; "" for none. */
  readonly host?: string;
  /** Lines without CRLF. */
  readonly fields?: readonly string[];
  /** Sent with its Content-Length; default none. */
  readonly body?: string;
}

export function requestText(parts: RequestText = {}): string {
  const { method = 'GET', target = '/', version = '1.1', host = 'a.test', fields = [], body } = parts;
  const hostLine = host === '' ? [] : [`Host: ${host}`];
  return messageText(`${method} ${target} HTTP/${version}`, [...hostLine, ...fields], body);
}

export interface AnswerText {
  /** Default `200 OK`. */
  readonly status?: string;
  readonly fields?: readonly string[];
  /** Sent with its Content-Length. Default "ok"; undefined for none. */
  readonly body?: string | undefined;
}

export function answerText(parts: AnswerText = {}): string {
  const body = 'body' in parts ? parts.body : 'ok';
  return messageText(`HTTP/1.1 ${parts.status ?? '200 OK'}`, parts.fields ?? [], body);
}

/** A body in chunks, with its trailer section. */
export function chunkedText(chunks: readonly string[], trailers: readonly string[] = []): string {
  const parts = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  return [...parts, '0\r\n', ...trailers.map((line) => `${line}\r\n`), '\r\n'].join('');
}

function messageText(startLine: string, fields: readonly string[], body: string | undefined): string {
  const framing = body === undefined ? [] : [`Content-Length: ${body.length}`];
  return [startLine, ...fields, ...framing, '', body ?? ''].join('\r\n');
}

const BLOCK_BYTES = 65_536;

/** Bytes among which a lost, doubled or exchanged piece shows: a block of noise, repeated, with its number in front. */
export function patternBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length, noise(BLOCK_BYTES));
  for (let at = 0; at + 4 <= length; at += BLOCK_BYTES) bytes.writeUInt32LE(at / BLOCK_BYTES, at);
  return bytes;
}

function noise(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = 0x9e3779b9;
  for (let at = 0; at < length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}
