import type { LookupFunction } from 'node:net';
import type { ServerSlot } from '../../upstream/server-slots.ts';
import type { Outbox } from './outbox.ts';
import type { ConnectionSeeker } from './server-user.ts';
import { WheelTimer, type Expiring, type TimerWheel } from './timer-wheel.ts';
import { UpstreamConnection, type ConnectionKeeper } from './upstream-connection.ts';

/** How long and how often connections are used. */
export interface PoolLimits {
  /** Below the 5 s of Node's servers, so that they seldom close a connection while a request is on its way. Default 4 s. */
  readonly idleMs: number;
  readonly idlePerServer: number;
  readonly requestsPerConnection: number;
  readonly ageMs: number;
}

export interface ServerPoolOptions {
  readonly server: ServerSlot;
  readonly wheel: TimerWheel;
  readonly outbox: Outbox;
  readonly limits: PoolLimits;
  /** Whether a connection that comes free may be kept. */
  readonly mayKeep: (connection: UpstreamConnection) => boolean;
  /** Where the server is, if its address is a name. */
  readonly lookup: LookupFunction;
  /** No connection is left. */
  readonly emptied: (pool: ServerPool) => void;
}

/** The coarse clock may be so far behind. */
const MARGIN_MS = 500;

/**
 * The connections to one server. Idle ones are a stack: the one used last is taken first, so that the others come of age.
 * One wait serves them all.
 */
export class ServerPool implements ConnectionKeeper, Expiring {
  readonly server: ServerSlot;
  readonly #options: ServerPoolOptions;
  readonly #idle: UpstreamConnection[] = [];
  readonly #all = new Set<UpstreamConnection>();
  readonly #timer: WheelTimer;
  readonly #cutUsers = (): void => this.#cutAll();
  #cut: AbortSignal | undefined;
  #isTimerSet = false;

  constructor(options: ServerPoolOptions) {
    this.#options = options;
    this.server = options.server;
    this.#timer = new WheelTimer(options.wheel, this);
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** Everybody who uses the server is cut when this aborts. One listener serves all. */
  cutBy(cut: AbortSignal): void {
    if (cut === this.#cut) return;
    this.#cut?.removeEventListener('abort', this.#cutUsers);
    this.#cut = cut;
    cut.addEventListener('abort', this.#cutUsers);
  }

  /** An idle connection that still stands. */
  takeIdle(): UpstreamConnection | undefined {
    const now = this.#options.wheel.nowMs + MARGIN_MS;
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isUsable && connection.usableUntilMs > now) return connection;
      connection.destroy();
    }
    return undefined;
  }

  /** A new connection, which tells when it stands. */
  connect(seeker: ConnectionSeeker): UpstreamConnection {
    const { server } = this;
    const { outbox, wheel, lookup } = this.#options;
    const connection = new UpstreamConnection({ server, lookup, seeker, keeper: this, outbox, nowMs: wheel.nowMs });
    this.#all.add(connection);
    return connection;
  }

  /** The answer has been read to its end. Kept for the next request, if the server keeps it for `idleLimitMs`. */
  release(connection: UpstreamConnection, idleLimitMs: number): void {
    const { limits, mayKeep, wheel } = this.#options;
    connection.user = undefined;
    const now = wheel.nowMs;
    connection.usableUntilMs = Math.min(now + Math.min(limits.idleMs, idleLimitMs), connection.openedMs + limits.ageMs);
    const isSpent = connection.requests >= limits.requestsPerConnection || connection.usableUntilMs <= now + MARGIN_MS;
    if (isSpent || !connection.isUsable || this.#idle.length >= limits.idlePerServer || !mayKeep(connection)) {
      connection.destroy();
      return;
    }
    connection.resume();
    this.#idle.push(connection);
    if (this.#isTimerSet) return;
    this.#isTimerSet = true;
    this.#timer.set(limits.idleMs);
  }

  closed(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    if (this.#all.size === 0) this.#options.emptied(this);
  }

  /** Closes what is idle: all of it, or what `isUseless` says. */
  dropIdle(isUseless: (connection: UpstreamConnection) => boolean = always): void {
    const useless = this.#idle.filter(isUseless);
    for (const connection of useless) {
      this.#idle.splice(this.#idle.indexOf(connection), 1);
      connection.destroy();
    }
  }

  /** Lets go of the server: it is not listened to any more. */
  forget(): void {
    this.#cut?.removeEventListener('abort', this.#cutUsers);
    this.#cut = undefined;
    this.#timer.close();
  }

  expired(): void {
    const { wheel, limits } = this.#options;
    const kept = this.#idle.filter((connection) => connection.usableUntilMs > wheel.nowMs);
    for (const connection of this.#idle) if (connection.usableUntilMs <= wheel.nowMs) connection.destroy();
    this.#idle.splice(0, this.#idle.length, ...kept);
    this.#isTimerSet = kept.length > 0;
    const firstMs = kept.reduce((first, connection) => Math.min(first, connection.usableUntilMs), Infinity);
    if (this.#isTimerSet) this.#timer.set(Math.min(limits.idleMs, firstMs - wheel.nowMs));
  }

  #cutAll(): void {
    this.dropIdle();
    for (const { user, seeker } of [...this.#all]) {
      user?.cut();
      seeker?.cut();
    }
  }
}

function always(): boolean {
  return true;
}
