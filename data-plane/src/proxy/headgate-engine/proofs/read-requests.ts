import type { NodeRequest } from './node-message.ts';
import { bytesStream } from './bytes-stream.ts';
import { isKnownToNode, nodeRequestParser } from './node-request-parser.ts';
import { turns } from './turns.ts';

/** What Node's parser reads in the bytes of one connection. */
export interface RequestsRead {
  readonly requests: readonly NodeRequest[];
  /** Code of the error that it ended with, "" for none. */
  readonly error: string;
}

/** A method that Node knows and nobody sends. */
const STANDING_IN = 'MKACTIVITY';
/** So many turns of the event loop are enough to read what is there. */
const TURNS = 2;

/**
 * Reads by Node's parser. `methods` are those that somebody else has read, in order: where Node does not know one, it is
 * given another in its place, so that the rest can be compared.
 */
export async function readRequests(bytes: Buffer, methods: readonly string[] = []): Promise<RequestsRead> {
  // Node drops what stands behind a request for an upgrade that nobody listens for; it belongs to the next request.
  let text = bytes.toString('latin1').replace(/^(upgrad)e(?=:)/gim, '$13');
  let read = await readText(text);
  for (const [index, method] of methods.entries()) {
    if (isKnownToNode(method)) continue;
    for (let at = text.indexOf(`${method} `); at !== -1; at = text.indexOf(`${method} `, at + 1)) {
      const changed = text.slice(0, at) + STANDING_IN + text.slice(at + method.length);
      const next = await readText(changed);
      if (next.requests[index]?.method !== STANDING_IN || next.requests.length <= index) continue;
      [text, read] = [changed, next];
      break;
    }
  }
  const requests = read.requests.map((request, index) => unmasked(request, methods[index] ?? ''));
  return { ...read, requests };
}

function unmasked(request: NodeRequest, method: string): NodeRequest {
  const unmask = (text: string): string => text.replace(/^(upgrad)3(?=:|$)/gim, '$1e');
  return {
    ...request,
    method: request.method === STANDING_IN ? method : request.method,
    rawHeaders: request.rawHeaders.map(unmask),
    rawTrailers: request.rawTrailers.map(unmask),
    body: Buffer.from(unmask(request.body.toString('latin1')), 'latin1'),
  };
}

async function readText(text: string): Promise<RequestsRead> {
  const requests: NodeRequest[] = [];
  let error = '';
  const server = nodeRequestParser(
    (request, response) => {
      requests.push(request);
      response.end();
    },
    (cause) => {
      error ||= cause.code ?? cause.message;
    },
  );
  const stream = bytesStream(Buffer.from(text, 'latin1'), false);
  server.emit('connection', stream);
  await turns(TURNS);
  stream.destroy();
  return { requests, error };
}
