import type { FailedAttempt, ForwardExchange, NextServer, OwnAnswer, UpstreamFailure } from '../forwarder.ts';
import type { ServerSlot } from '../../upstream/server-slots.ts';
import type { EngineParts } from './engine-parts.ts';
import type { ServerPool } from './server-pool.ts';
import type { ConnectionSeeker } from './server-user.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** For whom a connection is found. */
export interface AttemptsOwner {
  /** It waits for a connection from now on: until the connect timeout is over, or for a server without a limit of time. */
  connecting(): void;
  waiting(): void;
  /** A connection stands: the request can be sent. */
  ready(connection: UpstreamConnection): void;
  /** The core knows of nobody to send it to. */
  nobody(answer: OwnAnswer): void;
  cut(): void;
}

const nothingSent: FailedAttempt = { sent: false, bodyComplete: true };

/**
 * Finds a connection for a request: asks the core for a server, takes an idle connection or opens one, and asks again when
 * that fails. Nothing of the request is touched before a connection stands, so that the next attempt has all of it.
 */
export class ServerAttempts implements ConnectionSeeker {
  /** The connection that the request is sent on, or that is being opened. */
  connection: UpstreamConnection | undefined = undefined;
  /** Whether the connection has carried a request before. */
  isReused = false;
  readonly #exchange: ForwardExchange;
  readonly #parts: EngineParts;
  readonly #owner: AttemptsOwner;
  #server: ServerSlot | undefined = undefined;
  #isReplaced = false;
  #isOver = false;

  constructor(exchange: ForwardExchange, parts: EngineParts, owner: AttemptsOwner) {
    this.#exchange = exchange;
    this.#parts = parts;
    this.#owner = owner;
  }

  start(): void {
    this.#take(this.#exchange.next());
  }

  /** Tries on after an attempt that brought nothing of an answer, if the core knows where; else tells its answer. */
  next(after: FailedAttempt): void {
    this.#take(this.#exchange.next(after));
  }

  /**
   * Whether the connection may have been closed by the server while the request was on its way: it had been idle. That is
   * put right once.
   */
  get isReplaceable(): boolean {
    return this.isReused && !this.#isReplaced;
  }

  /** Takes a fresh connection to the same server in the place of the one that failed. */
  replace(): void {
    this.#isReplaced = true;
    this.#parts.metrics.replacedConnections++;
    if (this.#server !== undefined) this.#connect(this.#poolOf(this.#server));
  }

  /** The connection does not stand in time. */
  connectExpired(): void {
    this.#failed('connect_timeout');
  }

  connected(): void {
    this.#parts.metrics.upstreamConnections++;
    this.isReused = false;
    this.#owner.ready(this.connection!);
  }

  connectFailed(): void {
    this.#failed('connect_failed');
  }

  cut(): void {
    this.#owner.cut();
  }

  /** The answer has been read to its end: the connection may be used again, as long as the server keeps it. */
  release(idleLimitMs: number): void {
    const { connection } = this;
    this.connection = undefined;
    if (connection !== undefined) this.#parts.pool.of(connection.server).release(connection, idleLimitMs);
  }

  /** Lets go of the connection as it stands: what is under way is cut. */
  drop(): void {
    this.connection?.destroy();
    this.connection = undefined;
  }

  /** Lets go of it to somebody else. */
  handOver(): UpstreamConnection {
    const connection = this.connection!;
    this.connection = undefined;
    return connection;
  }

  /** A turn that comes after this means nothing. */
  end(): void {
    this.#isOver = true;
    this.drop();
  }

  #take(next: NextServer): void {
    if (this.#isOver) return;
    if (next.kind === 'none') return this.#owner.nobody(next.answer);
    if (next.kind === 'queued') {
      this.#owner.waiting();
      return void next.turn.then((turn) => this.#take(turn));
    }
    this.#server = next.server;
    const pool = this.#poolOf(next.server);
    const idle = pool.takeIdle();
    if (idle === undefined) return this.#connect(pool);
    this.#parts.metrics.reusedConnections++;
    this.connection = idle;
    this.isReused = true;
    this.#owner.ready(idle);
  }

  #connect(pool: ServerPool): void {
    this.connection = pool.connect(this);
    this.#owner.connecting();
  }

  #failed(failure: UpstreamFailure): void {
    this.drop();
    this.#exchange.failure(failure);
    this.next(nothingSent);
  }

  #poolOf(server: ServerSlot): ServerPool {
    const pool = this.#parts.pool.of(server);
    pool.cutBy(this.#exchange.cut);
    return pool;
  }
}
