import type { ForwardExchange, OwnAnswer } from '../forwarder.ts';
import type { ProxyMetrics } from '../proxy-metrics.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { ServerConnections, ServerUser } from './server-connections.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export interface ServerAttemptsOptions {
  readonly exchange: ForwardExchange;
  readonly pool: ConnectionPool;
  readonly metrics: ProxyMetrics;
  /** Told when the server's drain time is over. */
  readonly user: ServerUser;
  /** A connection stands: the request can be sent. */
  readonly ready: (target: ServerConnections['target'], connection: UpstreamConnection) => void;
  /** The core knows of nobody to send it to. */
  readonly nobody: (answer: OwnAnswer) => void;
}

/**
 * Finds a connection for a request: asks the core for a server, takes an idle connection or opens one, and asks again when
 * that fails. Nothing of the request is touched before a connection stands, so that the next attempt has all of it.
 */
export class ServerAttempts {
  readonly #options: ServerAttemptsOptions;
  #connections: ServerConnections | undefined;
  #connection: UpstreamConnection | undefined;
  #cancelConnect: (() => void) | undefined;
  #replaced = false;

  constructor(options: ServerAttemptsOptions) {
    this.#options = options;
  }

  /** The connection that the request is sent on. */
  get connection(): UpstreamConnection | undefined {
    return this.#connection;
  }

  next(): void {
    const { exchange, pool, user, nobody, metrics } = this.#options;
    this.leave();
    const next = exchange.next();
    if (next.kind === 'none') return nobody(next.answer);
    this.#connections = pool.enter(next.server, user, exchange.cut);
    const idle = this.#connections.takeIdle();
    if (idle === undefined) return this.#connect(this.#connections);
    metrics.reusedConnections++;
    this.#use(this.#connections, idle);
  }

  /**
   * Whether the connection may have been closed by the server while the request was on its way: it had been idle, and not
   * a byte has come back. That is put right once.
   */
  get isReplaceable(): boolean {
    const connection = this.#connection;
    return connection !== undefined && connection.reused && !connection.hasAnswered && !this.#replaced;
  }

  /** Takes a fresh connection to the same server in the place of the one that failed. */
  replace(): void {
    this.#replaced = true;
    this.#options.metrics.replacedConnections++;
    if (this.#connections !== undefined) this.#connect(this.#connections);
  }

  /** Gives up on a connection that does not stand yet. */
  cancel(): void {
    this.#cancelConnect?.();
    this.#cancelConnect = undefined;
  }

  /** Uses the server no more. */
  leave(): void {
    this.cancel();
    this.#connections?.leave(this.#options.user);
    this.#connections = undefined;
  }

  #connect(connections: ServerConnections): void {
    const { exchange, metrics } = this.#options;
    this.#cancelConnect = connections.connect({
      timeoutMs: exchange.backend.timeouts.connectMs,
      connected: (connection) => {
        metrics.upstreamConnections++;
        this.#use(connections, connection);
      },
      failed: (failure) => {
        this.#cancelConnect = undefined;
        exchange.failure(failure);
        this.next();
      },
    });
  }

  #use(connections: ServerConnections, connection: UpstreamConnection): void {
    this.#cancelConnect = undefined;
    this.#connection = connection;
    this.#options.ready(connections.target, connection);
  }
}
