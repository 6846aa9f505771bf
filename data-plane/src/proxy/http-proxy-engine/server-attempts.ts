import type { ForwardExchange, NextServer, OwnAnswer } from '../forwarder.ts';
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
  /** Whether all of the body that has arrived is still there. */
  readonly isBodyComplete: () => boolean;
  /** A connection stands: the request can be sent. */
  readonly ready: (target: ServerConnections['target'], connection: UpstreamConnection) => void;
  /** The core knows of nobody to send it to. */
  readonly nobody: (answer: OwnAnswer) => void;
}

/**
 * Finds a connection for a request: asks the core for a server, waits for one when all are busy, takes an idle connection
 * or opens one, and asks again when that fails, or when what was sent on it brought no answer. Nothing of the request is
 * touched before a connection stands.
 */
export class ServerAttempts {
  readonly #options: ServerAttemptsOptions;
  #connections: ServerConnections | undefined;
  #connection: UpstreamConnection | undefined;
  #cancelConnect: (() => void) | undefined;
  #replaced = false;
  /** Whether anything of the request was sent on a connection before this one. */
  #sentBefore = false;
  #turn: Promise<NextServer> | undefined;

  constructor(options: ServerAttemptsOptions) {
    this.#options = options;
  }

  /** The connection that the request is sent on. */
  get connection(): UpstreamConnection | undefined {
    return this.#connection;
  }

  /** Asks for the first server. */
  start(): void {
    this.#take(this.#options.exchange.next());
  }

  /** Asks for another server, after an attempt that brought no byte of an answer. */
  again(): void {
    const { exchange, isBodyComplete } = this.#options;
    const after = { sent: this.#isSent, bodyComplete: isBodyComplete() };
    this.#sentBefore = this.#isSent;
    this.leave();
    this.#take(exchange.next(after));
  }

  #take(next: NextServer): void {
    const { exchange, pool, user, nobody, metrics } = this.#options;
    if (next.kind === 'none') return nobody(next.answer);
    if (next.kind === 'queued') return this.#await(next.turn);
    this.#replaced = false;
    this.#connections = pool.enter(next.server, user, exchange.cut);
    const idle = this.#connections.takeIdle();
    if (idle === undefined) return this.#connect(this.#connections);
    metrics.reusedConnections++;
    this.#use(this.#connections, idle);
  }

  /** Whether anything has come back on the connection. */
  get hasAnswered(): boolean {
    return this.#connection?.hasAnswered === true;
  }

  /**
   * Whether the connection may have been closed by the server while the request was on its way: it had been idle, and not
   * a byte has come back. That is put right once for each server, if the request may be sent again.
   */
  get isReplaceable(): boolean {
    const { exchange, isBodyComplete } = this.#options;
    if (this.#connection?.reused !== true || this.hasAnswered || this.#replaced) return false;
    return !this.#isSent || (exchange.mayReplay && isBodyComplete());
  }

  /** Takes a fresh connection to the same server in the place of the one that failed. */
  replace(): void {
    this.#sentBefore = this.#isSent;
    this.#connection = undefined;
    this.#replaced = true;
    this.#options.metrics.replacedConnections++;
    if (this.#connections !== undefined) this.#connect(this.#connections);
  }

  /** Body that has been read and let go of counts as sent. */
  get #isSent(): boolean {
    return this.#sentBefore || this.#connection?.hasSent === true || !this.#options.isBodyComplete();
  }

  /** Gives up on a turn that has not come yet, and on a connection that does not stand yet. */
  cancel(): void {
    this.#turn = undefined;
    this.#cancelConnect?.();
    this.#cancelConnect = undefined;
  }

  /** Uses the server no more. */
  leave(): void {
    this.cancel();
    this.#connections?.leave(this.#options.user);
    this.#connections = undefined;
    this.#connection = undefined;
  }

  #await(turn: Promise<NextServer>): void {
    this.#turn = turn;
    void turn.then((next) => {
      if (this.#turn !== turn) return;
      this.#turn = undefined;
      this.#take(next);
    });
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
        this.again();
      },
    });
  }

  #use(connections: ServerConnections, connection: UpstreamConnection): void {
    this.#cancelConnect = undefined;
    this.#connection = connection;
    this.#options.ready(connections.target, connection);
  }
}
