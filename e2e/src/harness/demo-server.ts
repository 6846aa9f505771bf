import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/**
 * A server for a backend to hold: says its name, how often it was asked, and echoes WebSocket messages. An answer to
 * `/hold` begins at once, and ends when it is released.
 */
export class DemoServer {
  readonly name: string;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #held = new Set<ServerResponse>();
  #answered = 0;
  #port = 0;

  constructor(name: string) {
    this.name = name;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.#answer(request, response));
    this.#sockets = new WebSocketServer({ server: this.#server });
    this.#sockets.on('connection', (socket) => {
      socket.on('error', () => socket.terminate());
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
      socket.send(`hello from ${name}`);
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Requests answered, probes included. */
  get answered(): number {
    return this.#answered;
  }

  /** Answers that have begun and wait to be released. */
  get holding(): number {
    return this.#held.size;
  }

  /** Ends the answers that are held. */
  release(): void {
    for (const response of this.#held) response.end('released\n');
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Ends everything at once, as a crash does. The same port may be started again with a new object. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#answered++;
    request.resume();
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-server': this.name });
    if (request.url === '/hold') return this.#hold(response);
    response.end(`${this.name} answers ${request.method} ${request.url} for ${request.headers.host ?? '-'}\n`);
  }

  #hold(response: ServerResponse): void {
    this.#held.add(response);
    response.on('close', () => this.#held.delete(response));
    response.write('held\n');
  }
}
