import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { defaultDeadlineMs, eventually } from './eventually.ts';
import { readRequest, readRequestHead } from './read-message.ts';
import { WireCut, WireEnd } from './wire-end.ts';
import { valuesOf, WireFault, type WireRequest } from './wire-message.ts';

/** Scripts wait as long as their case does: the client's deadline is the one that counts. */
const SCRIPT_DEADLINE_MS = 60_000;

/** What an origin does with a connection. It may end early: the connection then stays open and silent. */
export type OriginScript = (connection: OriginConnection, index: number) => Promise<void> | void;

/** One connection that the forwarder made to the origin. */
export class OriginConnection extends WireEnd {
  /** Requests that came whole, in order. */
  readonly requests: WireRequest[] = [];

  /** The next request, whole. Fails on anything that is no valid request. */
  async request(): Promise<WireRequest> {
    const request = checkHost(await readRequest(this));
    this.requests.push(request);
    return request;
  }

  /** The head of the next request alone; its body is left to `take`. */
  async head(): Promise<ReturnType<typeof readRequestHead>> {
    return checkHost(await readRequestHead(this));
  }
}

/** A server on a bare socket whose conduct is scripted, connection by connection. */
export class ScriptedOrigin {
  readonly connections: OriginConnection[] = [];
  /** What went wrong in scripts: above all, requests that were no valid HTTP. */
  readonly faults: unknown[] = [];
  readonly #server: Server;
  readonly #script: OriginScript;
  readonly #deadlineMs: number;

  private constructor(script: OriginScript, deadlineMs: number) {
    this.#script = script;
    this.#deadlineMs = deadlineMs;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void this.#serve(socket));
  }

  static async start(script: OriginScript, deadlineMs: number = defaultDeadlineMs): Promise<ScriptedOrigin> {
    const origin = new ScriptedOrigin(script, deadlineMs);
    origin.#server.listen(0, '127.0.0.1');
    await once(origin.#server, 'listening');
    return origin;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Requests that came whole, over all connections. */
  get requests(): readonly WireRequest[] {
    return this.connections.flatMap((connection) => connection.requests);
  }

  /** Every byte that came, over all connections. */
  get received(): string {
    return this.connections.map((connection) => connection.received.text()).join('');
  }

  /** Waits for the connection with this number, counted from 0. */
  async connection(index: number): Promise<OriginConnection> {
    await eventually(() => this.connections.length > index, `connection ${index} to the origin`, this.#deadlineMs);
    return this.connections[index]!;
  }

  /** Waits for the whole request with this number, counted from 0. */
  async request(index: number): Promise<WireRequest> {
    await eventually(() => this.requests.length > index, `request ${index} at the origin`, this.#deadlineMs);
    return this.requests[index]!;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(socket: Socket): Promise<void> {
    const index = this.connections.length;
    const connection = new OriginConnection(socket, `origin connection ${index}`, SCRIPT_DEADLINE_MS);
    this.connections.push(connection);
    try {
      await this.#script(connection, index);
    } catch (error) {
      if (!(error instanceof WireCut)) this.faults.push(error);
    }
  }
}

function checkHost<R extends Pick<WireRequest, 'fields'>>(request: R): R {
  const hosts = valuesOf(request, 'host').length;
  if (hosts !== 1) throw new WireFault(`the request has ${hosts} Host fields`);
  return request;
}
