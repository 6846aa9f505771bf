import { responseFraming } from '../../conformance/message-framing.ts';
import { parseField, parseResponseHead } from '../../conformance/parse-head.ts';
import { WireFault, type WireField, type WireResponseHead } from '../../conformance/wire-message.ts';

/** What a client got, read without forgiving anything, and independently of Node. */
export interface WireAnswer {
  readonly interim: readonly WireResponseHead[];
  /** Undefined when it has not come to its end. */
  readonly head: WireResponseHead | undefined;
  readonly body: Buffer;
  readonly trailers: readonly WireField[];
  readonly complete: boolean;
  /** What came behind a complete answer. */
  readonly rest: string;
}

const none = { body: Buffer.alloc(0), trailers: [], complete: false, rest: '' };

/** `ended`: the connection was ended in order behind these bytes. */
export function readWireAnswer(bytes: Buffer, method: string, ended: boolean): WireAnswer {
  const text = bytes.toString('latin1');
  const interim: WireResponseHead[] = [];
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end === -1) return { ...none, interim, head: undefined, rest: text.slice(at) };
    const head = parseResponseHead(text.slice(at, end + 4));
    at = end + 4;
    if (head.status >= 200 || head.status === 101)
      return { interim, head, ...readContent(text, at, { head, method, ended }) };
    responseFraming(head, method);
    interim.push(head);
  }
}

type Content = Pick<WireAnswer, 'body' | 'trailers' | 'complete' | 'rest'>;

interface Ask {
  readonly head: WireResponseHead;
  readonly method: string;
  readonly ended: boolean;
}

function readContent(text: string, from: number, { head, method, ended }: Ask): Content {
  if (head.status === 101) return { ...none, body: toBytes(text.slice(from)), complete: true };
  const { kind, length } = responseFraming(head, method);
  switch (kind) {
    case 'none':
      return { ...none, complete: true, rest: text.slice(from) };
    case 'length':
      return {
        ...none,
        body: toBytes(text.slice(from, from + length)),
        complete: text.length >= from + length,
        rest: text.slice(from + length),
      };
    case 'close':
      return { ...none, body: toBytes(text.slice(from)), complete: ended };
    case 'chunked':
      return readChunks(text, from);
  }
}

function readChunks(text: string, from: number): Content {
  let body = '';
  for (let at = from; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return { ...none, body: toBytes(body) };
    const size = /^[0-9a-f]{1,8}$/i.exec(text.slice(at, lineEnd));
    if (size === null) throw new WireFault(`no chunk size: ${JSON.stringify(text.slice(at, lineEnd))}`);
    const length = Number.parseInt(size[0], 16);
    at = lineEnd + 2;
    if (length === 0) return { body: toBytes(body), ...readTrailers(text, at) };
    body += text.slice(at, at + length);
    const isCut = text.length < at + length + 2;
    if (isCut) return { ...none, body: toBytes(body) };
    if (!text.startsWith('\r\n', at + length)) throw new WireFault('a chunk does not end with CRLF');
    at += length + 2;
  }
}

function readTrailers(text: string, from: number): Omit<Content, 'body'> {
  const trailers: WireField[] = [];
  for (let at = from; ;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return { trailers, complete: false, rest: '' };
    if (lineEnd === at) return { trailers, complete: true, rest: text.slice(at + 2) };
    trailers.push(parseField(text.slice(at, lineEnd)));
    at = lineEnd + 2;
  }
}

function toBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
