import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '@headgate/shared/clock';
import type { SocketAddress } from '@headgate/shared/config/setting-types';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import { followSecureContext } from '@headgate/shared/tls/secure-context-follower';
import type { ServerTlsMaterial } from '@headgate/shared/tls/tls-material';
import { tlsServerOptions } from '@headgate/shared/tls/tls-server-options';
import { answerBrokenRequest } from './answer-broken-request.ts';
import { createApiApp, type Answer } from './api-app.ts';
import { apiLimitDefaults, type ApiLimits } from './api-limits.ts';
import { ListenError } from './listen-error.ts';
import type { RefusedRequest } from '../access/audit-log.ts';
import type { HandshakeFailures } from '../transport/handshake-failures.ts';
import type { Operation } from './operation.ts';
import { holdContent } from './request/continue.ts';
import type { Authenticate } from './security/bearer-token.ts';

export interface ApiServerOptions {
  /** Port 0 takes a free one. */
  readonly address: SocketAddress;
  /** The setting that the address comes from, for messages. */
  readonly setting: string;
  readonly operations: readonly Operation[];
  readonly authenticate: Authenticate;
  /** Serve requests for loopback names alone: where nobody authenticates. */
  readonly loopbackOnly: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every answer. */
  readonly observe: (answer: Answer) => void;
  /** Told of every refusal, for the audit log. */
  readonly onRefusal?: (refusal: RefusedRequest) => void;
  readonly limits?: Partial<ApiLimits>;
  /** With it, HTTPS is spoken and nothing else. Whether callers must show a certificate stays as it is at the start. */
  readonly tls?: ReadableValue<ServerTlsMaterial> | undefined;
  /** Told of connections that never become usable. */
  readonly handshakes?: HandshakeFailures;
}

/**
 * One HTTP listener of the control plane: the API, or the status listener. Closing it ends waits at once, lets requests
 * finish, and cuts what has not finished after a while.
 */
export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #limits: ApiLimits;
  readonly #server: Server;
  readonly #closing = new AbortController();
  #stopFollowing: () => void = () => undefined;
  /** Of TLS connections, those that have not shaken hands included: Node counts these among no connections. */
  readonly #sockets = new Set<Socket>();
  /** The response that each connection waits for. */
  readonly #inFlight = new Map<Duplex, ServerResponse>();

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#limits = { ...apiLimitDefaults, ...options.limits };
    this.#server = this.#createServer();
  }

  /** Resolves with the address once it listens. @throws ListenError */
  async start(): Promise<SocketAddress> {
    const { address, setting } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error): void => reject(new ListenError(setting, address, error));
      this.#server.once('error', fail).listen({ host: address.host, port: address.port }, () => {
        this.#server
          .off('error', fail)
          .on('error', (error) => this.#options.logger.error({ err: error }, 'listener failed'));
        resolve();
      });
    });
    const { port } = this.#server.address() as AddressInfo;
    return { host: address.host, port };
  }

  /** Ends waits, lets requests finish for a while, then cuts them. New connections are refused at once. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    for (const response of this.#inFlight.values())
      if (!response.headersSent) response.setHeader('Connection', 'close');
    this.#closing.abort();
    this.#stopFollowing();
    if (!this.#server.listening) return;
    const cancel = this.#options.clock.after(this.#limits.drainMs, () => this.#cut());
    await new Promise((resolve) => this.#server.close(resolve));
    cancel();
  }

  #cut(): void {
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  #createServer(): Server {
    const { headBytes, headTimeoutMs, contentTimeoutMs, keepAliveMs, silenceMs, connections } = this.#limits;
    const server = this.#createListener({
      maxHeaderSize: headBytes,
      headersTimeout: headTimeoutMs,
      // Later than the content's own timeout, which answers better; this one ends what nobody reads.
      requestTimeout: headTimeoutMs + contentTimeoutMs + 5_000,
      keepAliveTimeout: keepAliveMs,
      // A missing Host gets the same kind of answer as everything else.
      requireHostHeader: false,
    });
    server.maxConnections = connections;
    // Ends callers that do not read their answer.
    server.timeout = silenceMs;
    // The head's size bounds their number; Node would drop further ones without a word.
    server.maxHeadersCount = 0;
    const app = this.#createApp();
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      this.#track(request.socket, response);
      app(request, response);
    };
    return server
      .on('request', serve)
      .on('checkExpectation', serve)
      .on('checkContinue', (request, response) => {
        holdContent(request);
        serve(request, response);
      })
      .on('clientError', (error, socket) => this.#refuse(error, socket));
  }

  #createListener(options: ServerOptions): Server {
    const { tls, handshakes } = this.#options;
    if (tls === undefined) return createServer(options);
    const server = createTlsServer({ ...options, ...tlsServerOptions(tls.value) });
    this.#stopFollowing = followSecureContext(server, tls);
    // Ahead of Node's own listener, which would have it answered like a broken request.
    server.prependListener('tlsClientError', (_, socket) => socket.destroy());
    handshakes?.watch(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    return server;
  }

  #createApp(): ReturnType<typeof createApiApp> {
    const { operations, authenticate, loopbackOnly, clock, logger, onRefusal = () => undefined } = this.#options;
    const { contentBytes, contentTimeoutMs, discardedBytes } = this.#limits;
    return createApiApp({
      operations,
      authenticate,
      loopbackOnly,
      log: logger,
      maxDiscardedBytes: discardedBytes,
      contentLimits: { maxBytes: contentBytes, timeoutMs: contentTimeoutMs, clock },
      closing: this.#closing.signal,
      onAnswer: (answer) => this.#answered(answer),
      onRefusal,
    });
  }

  #track(socket: Socket, response: ServerResponse): void {
    this.#inFlight.set(socket, response);
    response.once('close', () => {
      if (this.#inFlight.get(socket) === response) this.#inFlight.delete(socket);
    });
  }

  /** Half of an answer may be on the wire: then nothing can be said any more. */
  #refuse(error: Error, socket: Duplex): void {
    if (isTlsHello(error)) this.#options.handshakes?.note(tlsOnPlainText, addressOf(socket));
    if (this.#inFlight.get(socket)?.headersSent === true) socket.destroy();
    else answerBrokenRequest(error, socket);
  }

  #answered(answer: Answer): void {
    this.#options.observe(answer);
    const level =
      answer.status >= 500 ? 'warn' : answer.method === 'GET' || answer.method === 'HEAD' ? 'debug' : 'info';
    this.#options.logger[level]({ ...answer }, 'answered');
  }
}

const tlsOnPlainText =
  'TLS came to a plain-text port; give the listener a certificate, or let the client use http instead of https';

/** The first byte of a TLS record that carries a handshake (RFC 8446 section 5.1); no HTTP method begins so. */
function isTlsHello(error: Error): boolean {
  return 'rawPacket' in error && Buffer.isBuffer(error.rawPacket) && error.rawPacket[0] === 0x16;
}

function addressOf(socket: Duplex): string | undefined {
  return socket instanceof Socket ? socket.remoteAddress : undefined;
}
