import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

const DEADLINE_MS = 20_000;

/** What came in. */
export interface ScriptedRequest {
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly token: string | undefined;
}

export type ScriptedAnswer = (response: ServerResponse, request: ScriptedRequest) => void;

/**
 * A server on loopback that answers the n-th request by the n-th answer of its script, and leaves those beyond it
 * without one.
 */
export class ScriptedConsul {
  readonly requests: ScriptedRequest[] = [];
  readonly sockets = new Set<Socket>();
  connections = 0;
  readonly #server: Server;
  readonly #scheme: string;
  readonly #waiting = new Set<() => void>();

  private constructor(script: readonly ScriptedAnswer[], tls: ServerOptions | undefined) {
    const listener: RequestListener = (request, response) => {
      this.requests.push(toScripted(request));
      script[this.requests.length - 1]?.(response, this.requests.at(-1)!);
      this.#wake();
    };
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    // Longer than any deadline of a test: it is the client that must let go.
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.on('close', () => {
        this.sockets.delete(socket);
        this.#wake();
      });
    });
  }

  static async start(script: readonly ScriptedAnswer[], tls?: ServerOptions): Promise<ScriptedConsul> {
    const server = new ScriptedConsul(script, tls);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves once the condition holds; it is looked at after every request and lost connection. */
  async until(what: string, holds: (server: this) => boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!holds(this)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what}: did not happen within ${DEADLINE_MS} ms`);
      await this.#next(left);
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  #next(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}

/** Answers with instances at these addresses. */
export function instances(index: string, addresses: readonly string[], headers = {}): ScriptedAnswer {
  const body = addresses.map((Address) => ({
    Node: { Node: 'n', Address: '10.9.0.1' },
    Service: { ID: Address, Address, Port: 80 },
  }));
  return answer(200, JSON.stringify(body), { 'x-consul-index': index, ...headers });
}

/** Answers with this. */
export function answer(status: number, body: string, headers = {}): ScriptedAnswer {
  return (response) => response.writeHead(status, headers).end(body);
}

function toScripted({ url = '', headers }: IncomingMessage): ScriptedRequest {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const token = headers['x-consul-token'];
  return { path: pathname, parameters: searchParams, token: typeof token === 'string' ? token : undefined };
}
