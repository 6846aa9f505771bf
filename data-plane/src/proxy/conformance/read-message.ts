import { requestFraming, responseFraming, type Framing } from './message-framing.ts';
import { parseField, parseRequestHead, parseResponseHead } from './parse-head.ts';
import {
  WireFault,
  type WireField,
  type WireRequest,
  type WireResponse,
  type WireResponseHead,
} from './wire-message.ts';
import type { WireEnd } from './wire-end.ts';

const EMPTY = Buffer.alloc(0);

/** The next request, whole. */
export async function readRequest(wire: WireEnd): Promise<WireRequest> {
  const head = await readRequestHead(wire);
  return { ...head, ...(await readContent(wire, requestFraming(head))) };
}

export async function readRequestHead(wire: WireEnd): Promise<ReturnType<typeof parseRequestHead>> {
  return parseRequestHead(await wire.takeThrough('\r\n\r\n'));
}

/** The next answer, whole, with the interim ones that came before it. A 101 is an answer. */
export async function readResponse(wire: WireEnd, method: string): Promise<WireResponse> {
  const interim: WireResponseHead[] = [];
  let head = await readResponseHead(wire);
  while (head.status < 200 && head.status !== 101) {
    responseFraming(head, method);
    interim.push(head);
    head = await readResponseHead(wire);
  }
  return { ...head, interim, ...(await readContent(wire, responseFraming(head, method))) };
}

export async function readResponseHead(wire: WireEnd): Promise<WireResponseHead> {
  return parseResponseHead(await wire.takeThrough('\r\n\r\n'));
}

type Content = Pick<WireRequest, 'framing' | 'body' | 'trailers'>;

async function readContent(wire: WireEnd, framing: Framing): Promise<Content> {
  switch (framing.kind) {
    case 'none':
      return { framing: 'none', body: EMPTY, trailers: [] };
    case 'length':
      return { framing: 'length', body: await wire.take(framing.length), trailers: [] };
    case 'close':
      return { framing: 'close', body: await wire.takeRest(), trailers: [] };
    case 'chunked':
      return { framing: 'chunked', ...(await readChunks(wire)) };
  }
}

async function readChunks(wire: WireEnd): Promise<Pick<Content, 'body' | 'trailers'>> {
  const chunks: Buffer[] = [];
  for (;;) {
    const line = (await wire.takeThrough('\r\n')).slice(0, -2);
    const size = /^([0-9a-fA-F]{1,8})(?:;[\t\x20-\x7e]*)?$/.exec(line)?.[1];
    if (size === undefined) throw new WireFault(`no chunk size: ${JSON.stringify(line)}`);
    if (Number.parseInt(size, 16) === 0) return { body: Buffer.concat(chunks), trailers: await readTrailers(wire) };
    chunks.push(await wire.take(Number.parseInt(size, 16)));
    if ((await wire.take(2)).toString('latin1') !== '\r\n') throw new WireFault('a chunk does not end with CRLF');
  }
}

async function readTrailers(wire: WireEnd): Promise<readonly WireField[]> {
  const trailers: WireField[] = [];
  for (;;) {
    const line = (await wire.takeThrough('\r\n')).slice(0, -2);
    if (line === '') return trailers;
    trailers.push(parseField(line));
  }
}
