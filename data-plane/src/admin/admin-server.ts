import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopbackAddress } from '@headgate/shared/config/loopback';
import { formatSocketAddress, type SocketAddress } from '@headgate/shared/config/setting-types';
import type { Logger } from '@headgate/shared/logger';
import { normaliseAuthority } from '@headgate/shared/routing/normalise-authority';
import type { Explain } from '../explain/create-explain.ts';
import { answerExplain } from './answer-explain.ts';
import { writePieces } from './json-stream.ts';
import { readBody } from './read-body.ts';

/** A URL and headers of the largest size that data planes take, spelled as JSON. */
const EXPLAIN_BYTES = 131_072;

export interface AdminServerOptions {
  readonly address: SocketAddress;
  /** Whether only this machine can reach the listener; then the configuration needs no token. */
  readonly local: boolean;
  readonly token: string | undefined;
  readonly logger: Logger;
  /** undefined when ready. */
  readonly notReadyReason: () => string | undefined;
  /** What readyz shows beside the reason. */
  readonly status: () => Readonly<Record<string, unknown>>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** JSON text in pieces. */
  readonly configuration: () => Iterable<string>;
  /** How a request would be served. Changes nothing. */
  readonly explain: Explain;
}

/**
 * The data plane's own listener: livez, readyz and metrics for everyone, the running configuration and explanations for this
 * machine or for those who hold the token. A browser that was led here is refused: foreign Host names and cross-site requests.
 */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #server: Server;

  constructor(options: AdminServerOptions) {
    this.#options = options;
    this.#server = createServer(
      { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 75_000, maxHeaderSize: 16_384 },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = 200;
  }

  /** Resolves with the address once it listens. */
  async start(): Promise<string> {
    const { host, port } = this.#options.address;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    this.#server.removeAllListeners('error');
    this.#server.on('error', (error) => this.#options.logger.error({ err: error }, 'the admin listener failed'));
    const bound = this.#server.address() as AddressInfo;
    return formatSocketAddress({ host: bound.address, port: bound.port });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    try {
      await this.#answer(request, response);
    } catch (error) {
      if (response.destroyed) return; // the reader went away
      this.#options.logger.error({ err: error }, 'an admin request failed');
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'internal' });
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isCrossSite(request)) return sendJson(response, 403, { error: 'cross_site' });
    const path = (request.url ?? '/').split('?', 1)[0];
    const allowed = path === '/explain' ? ['POST'] : ['GET', 'HEAD'];
    if (!allowed.includes(request.method ?? '')) {
      response.setHeader('allow', allowed.join(', '));
      return sendJson(response, 405, { error: 'method_not_allowed' });
    }
    switch (path) {
      case '/livez':
        return sendJson(response, 200, { status: 'ok' });
      case '/readyz':
        return this.#ready(response);
      case '/metrics':
        return this.#metrics(response);
      case '/config':
        return this.#configuration(request, response);
      case '/explain':
        return this.#explain(request, response);
      default:
        return sendJson(response, 404, { error: 'not_found' });
    }
  }

  #ready(response: ServerResponse): void {
    const reason = this.#options.notReadyReason();
    const status = this.#options.status();
    if (reason === undefined) sendJson(response, 200, { status: 'ok', ...status });
    else sendJson(response, 503, { status: 'not_ready', reason, ...status });
  }

  async #metrics(response: ServerResponse): Promise<void> {
    const { contentType, text } = await this.#options.metrics();
    response.setHeader('content-type', contentType);
    response.end(text);
  }

  async #configuration(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#refused(request, response)) return;
    response.setHeader('content-type', 'application/json');
    if (request.method === 'GET') await writePieces(response, this.#options.configuration());
    response.end();
  }

  async #explain(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#refused(request, response)) return;
    const answer = answerExplain(
      request.headers['content-type'],
      await readBody(request, EXPLAIN_BYTES),
      this.#options.explain,
    );
    if (answer.status === 413) response.setHeader('connection', 'close');
    sendJson(response, answer.status, answer.body);
  }

  /** Answers who may not see the configuration. */
  #refused(request: IncomingMessage, response: ServerResponse): boolean {
    const refusal = this.#refusal(request);
    if (refusal === undefined) return false;
    if (refusal.status === 401) response.setHeader('www-authenticate', 'Bearer');
    // Its content is not read, so that the connection cannot go on.
    if (request.method === 'POST') response.setHeader('connection', 'close');
    sendJson(response, refusal.status, { error: refusal.error });
    return true;
  }

  #refusal(request: IncomingMessage): { readonly status: number; readonly error: string } | undefined {
    const { token, local } = this.#options;
    if (token !== undefined && bearerIs(request, token)) return undefined;
    if (token !== undefined && !local) return { status: 401, error: 'token_needed' };
    if (!local) return { status: 403, error: 'no_token_configured' };
    return hasLocalName(request) ? undefined : { status: 403, error: 'foreign_host' };
  }
}

/** A browser says where a request comes from; other clients say nothing. */
function isCrossSite(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return true;
  const origin = request.headers.origin;
  return origin !== undefined && origin !== `http://${request.headers.host ?? ''}`;
}

/** Against DNS rebinding: a name of somebody else's that leads to this machine. */
function hasLocalName(request: IncomingMessage): boolean {
  const authority = normaliseAuthority(request.headers.host ?? '');
  return authority !== undefined && isLoopbackAddress(authority);
}

function bearerIs(request: IncomingMessage, token: string): boolean {
  const given = /^Bearer +([^ ]+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify(body)}\n`);
}
