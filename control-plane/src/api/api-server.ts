import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '@headgate/shared/clock';
import type { SocketAddress } from '@headgate/shared/config/setting-types';
import type { Logger } from '@headgate/shared/logger';
import { answerBrokenRequest } from './answer-broken-request.ts';
import { createApiApp, type Answer } from './api-app.ts';
import { apiLimitDefaults, type ApiLimits } from './api-limits.ts';
import { ListenError } from './listen-error.ts';
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
  readonly limits?: Partial<ApiLimits>;
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
    if (!this.#server.listening) return;
    const cancel = this.#options.clock.after(this.#limits.drainMs, () => this.#server.closeAllConnections());
    await new Promise((resolve) => this.#server.close(resolve));
    cancel();
  }

  #createServer(): Server {
    const { headBytes, headTimeoutMs, contentTimeoutMs, keepAliveMs, silenceMs, connections } = this.#limits;
    const server = createServer({
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

  #createApp(): ReturnType<typeof createApiApp> {
    const { operations, authenticate, loopbackOnly, clock, logger } = this.#options;
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
