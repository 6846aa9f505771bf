import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ProxyServer } from 'http-proxy';
import type { AnswerDecision, Forwarder, OwnAnswer } from '../forwarder.ts';
import type { ForwarderOptions } from '../forwarder-options.ts';
import { ownAnswer, type OwnReason } from '../own-answer.ts';
import { AnsweredRequest } from './answered-request.ts';
import { ClientConnection, type RunningRequest } from './client-connection.ts';
import type { ClientError } from './client-fault.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { IncomingExchange } from './incoming-exchange.ts';
import { rawOwnAnswer } from './own-answer-writer.ts';
import { ProxiedRequest, type ProxyingOptions } from './proxied-request.ts';
import { contentOf, headFault, isWebSocketRequest, toRequestHead, type RequestPeer } from './request-head.ts';
import type { Tunnel } from './tunnel.ts';
import { UpgradedClient } from './upgraded-client.ts';

/**
 * The engine on the `http-proxy` API and Node's own HTTP parser.
 *
 * http-proxy makes the requests to servers and says what comes of them. It gets connections that stand already, and
 * neither fields nor content of its own accord, because it passes on what ends at this hop and drops trailers; answers
 * and tunnels are relayed here, because it leaves broken ones hanging.
 */
export class HttpProxyForwarder implements Forwarder {
  readonly #options: ForwarderOptions;
  readonly #server: Server;
  readonly #connections = new Map<Socket, ClientConnection>();
  readonly #proxying: ProxyingOptions;
  #draining = false;
  #listening = false;
  #stopped: Promise<void> | undefined;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { clock, slots, names, metrics } = options;
    this.#proxying = {
      proxy: new ProxyServer({}),
      pool: new ConnectionPool({ clock, slots, names }),
      clock,
      metrics,
      tunnels: new Set<Tunnel>(),
      running: new WeakMap(),
      isDraining: () => this.#draining,
    };
    this.#server = this.#createServer();
    this.#listenToProxy();
  }

  get open(): { readonly connections: number; readonly tunnels: number } {
    return { connections: this.#connections.size, tunnels: this.#proxying.tunnels.size };
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
    this.#draining = true;
  }

  stopAccepting(): Promise<void> {
    this.#draining = true;
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async close(): Promise<void> {
    const stopped = this.stopAccepting();
    for (const tunnel of [...this.#proxying.tunnels]) tunnel.close();
    for (const socket of this.#connections.keys()) socket.destroy();
    this.#proxying.pool.close();
    await stopped;
  }

  #stop(): Promise<void> {
    if (!this.#listening) return Promise.resolve();
    const { clock, limits } = this.#options;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections.values()) if (connection.isIdle) connection.socket.destroy();
    // A request that is coming in is waited for, as long as its head may take.
    const cancel = clock.after(limits.headerTimeoutMs, () => this.#destroyWithoutRequest());
    return closed.then(cancel);
  }

  #destroyWithoutRequest(): void {
    for (const connection of this.#connections.values()) {
      if (connection.isWithoutRequest) connection.socket.destroy();
    }
  }

  #createServer(): Server {
    const { limits, metrics } = this.#options;
    const server = createServer({
      // Node counts the target and the fields together; `headFault` counts them apart.
      maxHeaderSize: limits.requestLineBytes + limits.headerBytes,
      headersTimeout: limits.headerTimeoutMs,
      connectionsCheckingInterval: Math.ceil(Math.min(1_000, limits.headerTimeoutMs / 4)),
      requestTimeout: 0, // Node's 300 s would cut long uploads
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      insecureHTTPParser: false,
      requireHostHeader: false, // the core refuses, with a reason
      optimizeEmptyRequests: true,
      shouldUpgradeCallback: (request) => this.#mayUpgrade(request),
    });
    server.maxConnections = limits.clientConnections;
    // Node passes over further fields silently: one more than allowed has to be seen to be refused.
    server.maxHeadersCount = limits.headerFields + 1;
    server.on('drop', () => metrics.refusedConnections++);
    this.#listenToClients(server);
    return server;
  }

  #listenToClients(server: Server): void {
    server.on('connection', (socket) => this.#connected(socket));
    server.on('request', (request, response) => this.#received(request, response, {}));
    server.on('checkContinue', (request, response) => this.#received(request, response, { expectsContinue: true }));
    server.on('checkExpectation', (request, response) => this.#received(request, response, {}));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    server.on('connect', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    server.on('clientError', (error: ClientError, socket) => this.#connections.get(socket as Socket)?.fail(error));
  }

  #listenToProxy(): void {
    const { proxy, running } = this.#proxying;
    proxy.on('proxyReq', (outgoing, request) => running.get(request)?.prepare(outgoing));
    proxy.on('proxyRes', (answer, request) => running.get(request)?.answer(answer));
    proxy.on('error', (error, request) => running.get(request)?.failed(error));
    // The client is gone; its connection says so itself.
    proxy.on('econnreset', () => {});
  }

  #connected(socket: Socket): void {
    const { clock, metrics, limits, clients } = this.#options;
    if (clients?.enter() === false) return this.#refuseConnection(socket);
    const { requestLineBytes } = limits;
    const refusal = (answer: OwnAnswer, peer: RequestPeer): string => this.#refuseBytes(answer, peer);
    this.#connections.set(socket, new ClientConnection({ socket, clock, requestLineBytes, refusal }));
    metrics.connections++;
    socket.once('close', () => {
      this.#connections.delete(socket);
      metrics.connections--;
      clients?.leave();
    });
  }

  #refuseConnection(socket: Socket): void {
    this.#options.metrics.refusedConnections++;
    socket.destroy();
  }

  /** Node lets go of a connection at once, even while an answer is going out on it: then Upgrade is passed over. */
  #mayUpgrade(request: IncomingMessage): boolean {
    return isWebSocketRequest(request) && this.#connections.get(request.socket)?.isWithoutRequest === true;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    // CONNECT behind another request: nothing holds Node back, and the answer before it cannot go on.
    if (this.#connections.get(socket)?.isWithoutRequest !== true) return void socket.destroy();
    const upgraded = new UpgradedClient(request, socket, head);
    this.#received(request, upgraded.response, { upgraded });
  }

  #received(
    request: IncomingMessage,
    response: ServerResponse,
    special: Partial<Pick<IncomingExchange, 'expectsContinue' | 'upgraded'>>,
  ): void {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) return void request.socket.destroy();
    const version = request.httpVersion === '1.0' ? '1.0' : '1.1';
    // Node believes `TE: chunked` of an HTTP/1.0 client.
    if (version === '1.0') response.useChunkedEncodingByDefault = false;
    const { expectsContinue = false, upgraded } = special;
    const incoming = { request, response, version, ...contentOf(request), expectsContinue, upgraded } as const;
    connection.take({ request, response, begin: () => this.#begin(incoming, connection.peer) });
  }

  #begin(incoming: IncomingExchange, peer: RequestPeer): RunningRequest {
    const { limits, decide, clock } = this.#options;
    const { request } = incoming;
    const upgraded = incoming.upgraded !== undefined;
    // Without a parser on the connection nobody could tell where the content ends.
    const fault = upgraded && incoming.hasContent ? 'invalid_framing' : headFault(request, limits);
    const decision =
      fault === undefined ? decide(toRequestHead(request, peer, upgraded)) : this.#refuse(fault, incoming, peer);
    const running =
      decision.kind === 'answer'
        ? new AnsweredRequest({ decision, incoming, close: this.#draining, clock })
        : new ProxiedRequest(this.#proxying, decision.exchange, incoming);
    running.start();
    return running;
  }

  #refuse(reason: OwnReason, { request }: IncomingExchange, peer: RequestPeer): AnswerDecision {
    const { method = '', url: target = '' } = request;
    return this.#options.refuse({ answer: ownAnswer(reason), clientAddress: peer.address, method, target });
  }

  /** Node has read no request: there is nothing to answer through. */
  #refuseBytes(answer: OwnAnswer, peer: RequestPeer): string {
    const { exchange } = this.#options.refuse({ answer, clientAddress: peer.address, method: '', target: '' });
    const text = rawOwnAnswer(answer, exchange, this.#options.clock.now());
    exchange.answered(answer.status, answer.reason);
    exchange.end({ kind: 'complete' }, { received: 0, sent: text.length });
    return text;
  }
}
