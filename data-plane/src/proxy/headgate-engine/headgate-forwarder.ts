import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { AnswerDecision, Forwarder } from '../forwarder.ts';
import type { ForwarderOptions } from '../forwarder-options.ts';
import { ownAnswer } from '../own-answer.ts';
import { AnsweredRequest } from './answered-request.ts';
import { ClientConnection, type StartedRequest } from './client-connection.ts';
import { DateField } from './date-field.ts';
import type { EngineParts } from './engine-parts.ts';
import { Outbox } from './outbox.ts';
import { ProxiedRequest } from './proxied-request.ts';
import type { ReadRequest, RequestFault } from './request-reader.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UpstreamPool } from './upstream-pool.ts';

/** TCP keep-alive notices clients that are gone without a word, in tunnels above all. */
const TCP_KEEP_ALIVE_MS = 60_000;

/** Headgate's own engine, on sockets: it reads and writes HTTP/1.1 itself, and mends nothing. */
export class HeadgateForwarder implements Forwarder {
  readonly #options: ForwarderOptions;
  readonly #server: Server;
  readonly #parts: EngineParts;
  readonly #connections = new Set<ClientConnection>();
  #listening = false;
  #stopped: Promise<void> | undefined;
  /** Told while stopping. */
  #lastClosed: (() => void) | undefined;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { clock, slots, names, metrics } = options;
    const wheel = new TimerWheel(clock);
    const outbox = new Outbox();
    this.#parts = {
      wheel,
      pool: new UpstreamPool({ wheel, outbox, slots, names }),
      date: new DateField(clock),
      outbox,
      metrics,
      tunnels: new Set(),
      isDraining: false,
      isStopping: false,
    };
    this.#server = this.#createServer();
  }

  get open(): { readonly connections: number; readonly tunnels: number } {
    return { connections: this.#connections.size, tunnels: this.#parts.tunnels.size };
  }

  async start(): Promise<{ readonly host: string; readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ ...this.#options.address, backlog: 4_096 }, () => {
        this.#server.removeListener('error', reject);
        resolve();
      });
    });
    this.#listening = true;
    // The system may be unable to hand over a connection (EMFILE); those that are open go on.
    this.#server.on('error', () => this.#options.metrics.failedAccepts++);
    const bound = this.#server.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  beginDrain(): void {
    this.#parts.isDraining = true;
  }

  stopAccepting(): Promise<void> {
    this.#parts.isDraining = true;
    this.#parts.isStopping = true;
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async close(): Promise<void> {
    const stopped = this.stopAccepting();
    for (const tunnel of [...this.#parts.tunnels]) tunnel.close();
    for (const connection of this.#connections) connection.socket.destroy();
    this.#parts.pool.close();
    await stopped;
  }

  #stop(): Promise<void> {
    if (!this.#listening) return Promise.resolve();
    const { clock, limits } = this.#options;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // The server counts no connections: they have sockets of their own.
    const left = new Promise<void>((resolve) => (this.#lastClosed = resolve));
    if (this.#connections.size === 0) this.#lastClosed?.();
    for (const connection of this.#connections) if (connection.isIdle) connection.socket.destroy();
    // A request that is coming in is waited for, as long as its head may take.
    const cancel = clock.after(limits.headerTimeoutMs, () => this.#destroyWithoutRequest());
    return Promise.all([closed, left]).then(cancel);
  }

  #destroyWithoutRequest(): void {
    for (const connection of this.#connections) if (connection.isWithoutRequest) connection.socket.destroy();
  }

  #createServer(): Server {
    return createServer(
      {
        allowHalfOpen: true,
        pauseOnConnect: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      },
      (socket) => this.#connected(socket),
    );
  }

  #connected(socket: Socket): void {
    const { limits, metrics, clients } = this.#options;
    const hasRoom = this.#connections.size < limits.clientConnections;
    if (!hasRoom || clients?.enter() === false) return this.#refuseConnection(socket);
    metrics.connections++;
    this.#connections.add(
      new ClientConnection({
        accepted: socket,
        limits,
        wheel: this.#parts.wheel,
        outbox: this.#parts.outbox,
        begin: this.#begin,
        refuse: this.#refuse,
        closed: this.#closed,
      }),
    );
  }

  #refuseConnection(socket: Socket): void {
    this.#options.metrics.refusedConnections++;
    socket.destroy();
  }

  readonly #closed = (connection: ClientConnection): void => {
    this.#connections.delete(connection);
    this.#options.metrics.connections--;
    this.#options.clients?.leave();
    if (this.#connections.size === 0) this.#lastClosed?.();
  };

  readonly #begin = (client: ClientConnection, request: ReadRequest): StartedRequest => {
    const { method, target, version, block, webSocket } = request;
    const decision = this.#options.decide({
      method,
      target,
      version,
      rawHeaders: block.rawHeaders,
      block,
      clientAddress: client.address,
      clientPort: client.port,
      encrypted: false,
      upgrade: webSocket,
    });
    const parts = this.#parts;
    if (decision.kind === 'answer') return new AnsweredRequest({ decision, client, request, parts });
    return new ProxiedRequest({ exchange: decision.exchange, client, request, parts });
  };

  readonly #refuse = (client: ClientConnection, { fault, method, target }: RequestFault): StartedRequest => {
    const answer = ownAnswer(fault);
    const decision: AnswerDecision = this.#options.refuse({ answer, clientAddress: client.address, method, target });
    return new AnsweredRequest({ decision, client, request: undefined, parts: this.#parts });
  };
}
