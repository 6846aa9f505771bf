import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** Bytes of the answer to `/large`. */
export const largeBytes = 1_048_576;

const large = Buffer.alloc(largeBytes, 'headgate');

/** A server for every kind of traffic: answers, counts uploads, sends much, echoes WebSocket messages. */
export class MixedOrigin {
  readonly #server: Server;
  readonly #sockets: WebSocketServer;

  constructor() {
    this.#server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => answer(request, response));
    this.#sockets = new WebSocketServer({ server: this.#server });
    this.#sockets.on('connection', (socket) => {
      socket.on('error', () => socket.terminate());
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  let received = 0;
  request.on('data', (bytes: Buffer) => (received += bytes.length));
  request.on('error', () => response.destroy());
  request.on('end', () => {
    if (request.url === '/large') response.end(large);
    else if (request.method === 'POST') response.end(String(received));
    else response.end(request.url);
  });
}
