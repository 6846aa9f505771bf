import { createServer, METHODS, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { NodeRequest } from './node-message.ts';

/** Told of each request as its head has been read; `body` and what follows change until it is complete. */
export type ReadRequest = (request: NodeRequest, response: ServerResponse) => void;

const known = new Set(METHODS);

/** Whether Node's parser knows the method. It reads no others, which a proxy has to pass on all the same. */
export function isKnownToNode(method: string): boolean {
  return known.has(method);
}

/** A server that reads requests by Node's own parser, as strict as it comes, and keeps no connection waiting. */
export function nodeRequestParser(
  read: ReadRequest,
  failed: (error: NodeJS.ErrnoException, stream: Duplex) => void,
): Server {
  const take = (message: IncomingMessage, response: ServerResponse): void => collect(message, response, read);
  const server = createServer(
    { insecureHTTPParser: false, requireHostHeader: false, maxHeaderSize: 1 << 20, keepAliveTimeout: 0 },
    take,
  );
  server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    take(message, response);
  });
  server.on('checkExpectation', take);
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => failed(error, stream));
  Object.assign(server, { requestTimeout: 0, headersTimeout: 0, timeout: 0, maxHeadersCount: 0 });
  return server;
}

function collect(message: IncomingMessage, response: ServerResponse, read: ReadRequest): void {
  const { method = '', url: target = '', httpVersion: version, rawHeaders } = message;
  const request: NodeRequest = {
    ...{ method, target, version, rawHeaders },
    ...{ body: Buffer.alloc(0), rawTrailers: [], complete: false },
  };
  message.on('data', (bytes: Buffer) => (request.body = Buffer.concat([request.body, bytes])));
  message.on('error', () => undefined); // it stays incomplete
  message.on('end', () => {
    request.complete = message.complete;
    request.rawTrailers = message.rawTrailers;
  });
  read(request, response);
}
