import { connect, type LookupFunction, type Socket } from 'node:net';
import type { Clock } from '@headgate/shared/clock';
import type { UpstreamFailure } from '../forwarder.ts';
import { nameOptions } from '../../resolution/name-options.ts';
import type { ServerSlot } from '../../upstream/server-slots.ts';
import { UpstreamConnection, type ConnectionKeeper } from './upstream-connection.ts';

/** A request or tunnel that uses a server. */
export interface ServerUser {
  /** The server's drain time is over: end at once. */
  cut(): void;
}

export interface ServerConnectionsOptions {
  readonly server: ServerSlot;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly maxIdle: number;
  /** Whether a connection that comes free may be kept. */
  readonly mayKeep: (connection: UpstreamConnection) => boolean;
  /** Where the server is, if its address is a name. */
  readonly lookup: LookupFunction;
  /** Nobody uses the server, and nothing of it is left here. */
  readonly emptied: (connections: ServerConnections) => void;
}

export interface ConnectOptions {
  readonly timeoutMs: number;
  readonly connected: (connection: UpstreamConnection) => void;
  readonly failed: (failure: UpstreamFailure) => void;
}

/** TCP keep-alive notices servers that are gone without a word, in tunnels above all. */
const TCP_KEEP_ALIVE_MS = 60_000;

/**
 * Connections to one server, and who uses it. Idle ones are a stack: the one used last is taken first, so that the others
 * come of age.
 */
export class ServerConnections implements ConnectionKeeper {
  readonly server: ServerSlot;
  /** What http-proxy wants to know of it. */
  readonly target: { readonly host: string; readonly port: number };
  readonly #options: ServerConnectionsOptions;
  readonly #idle: UpstreamConnection[] = [];
  readonly #users = new Set<ServerUser>();
  readonly #cutUsers = (): void => this.#cutAll();
  #cut: AbortSignal | undefined;
  /** Connections that stand, idle or not. */
  #open = 0;
  #cancelExpiry: (() => void) | undefined;

  constructor(options: ServerConnectionsOptions) {
    this.#options = options;
    this.server = options.server;
    this.target = { host: this.server.address, port: this.server.port };
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** Somebody begins to use the server; `cut` says when that must end. One listener serves all users. */
  enter(user: ServerUser, cut: AbortSignal): void {
    this.#users.add(user);
    if (cut === this.#cut) return;
    this.#cut?.removeEventListener('abort', this.#cutUsers);
    this.#cut = cut;
    cut.addEventListener('abort', this.#cutUsers);
  }

  leave(user: ServerUser): void {
    this.#users.delete(user);
    this.#sayIfEmpty();
  }

  /** An idle connection that still stands. */
  takeIdle(): UpstreamConnection | undefined {
    const now = this.#options.clock.monotonic();
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      connection.becomeBusy();
      if (connection.isUsable && this.#dueMs(connection) > now) return connection;
      connection.socket.destroy();
    }
    return undefined;
  }

  /** Opens a connection. Returns how to give up; after that neither callback is called. */
  connect({ timeoutMs, connected, failed }: ConnectOptions): () => void {
    const socket = connect({
      ...this.target,
      ...nameOptions(this.#options.lookup),
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    });
    const cancelTimer = this.#options.clock.after(timeoutMs, () => settle(() => failed('connect_timeout')));
    const settle = (then: () => void): void => {
      cancelTimer();
      socket.removeListener('error', refused);
      socket.removeListener('connect', stands);
      // Between two requests nobody else listens, and an error that nobody hears ends the process.
      socket.on('error', ignore);
      if (socket.connecting) socket.destroy();
      then();
    };
    const refused = (): void => settle(() => failed('connect_failed'));
    const stands = (): void => settle(() => connected(this.#keep(socket)));
    socket.once('error', refused);
    socket.once('connect', stands);
    return () => settle(nothing);
  }

  released(connection: UpstreamConnection): void {
    const { maxIdle, mayKeep, clock } = this.#options;
    if (!connection.isUsable || this.#idle.length >= maxIdle || !mayKeep(connection)) {
      connection.socket.destroy();
      return;
    }
    const now = clock.monotonic();
    connection.becomeIdle(now);
    this.#idle.push(connection);
    this.#expireAt(this.#dueMs(connection));
  }

  closed(connection: UpstreamConnection): void {
    this.#open--;
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    this.#sayIfEmpty();
  }

  /** Closes what is idle: all of it, or what `isUseless` says. */
  dropIdle(isUseless: (connection: UpstreamConnection) => boolean = always): void {
    const useless = this.#idle.filter(isUseless);
    for (const connection of useless) {
      this.#idle.splice(this.#idle.indexOf(connection), 1);
      connection.socket.destroy();
    }
    if (this.#idle.length > 0) return;
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
  }

  /** Lets go of the server: it is not listened to any more. */
  forget(): void {
    this.#cut?.removeEventListener('abort', this.#cutUsers);
    this.#cut = undefined;
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
  }

  #keep(socket: Socket): UpstreamConnection {
    this.#open++;
    return new UpstreamConnection(socket, this.server, this);
  }

  #dueMs(connection: UpstreamConnection): number {
    return connection.idleSinceMs + Math.min(this.#options.idleTimeoutMs, connection.idleLimitMs);
  }

  /** One timer for all: it looks who has come of age and sleeps until the next one does. */
  #expireAt(dueMs: number): void {
    if (this.#cancelExpiry !== undefined) return;
    const { clock } = this.#options;
    this.#cancelExpiry = clock.after(Math.max(1, dueMs - clock.monotonic()), () => this.#expire());
  }

  #expire(): void {
    this.#cancelExpiry = undefined;
    const now = this.#options.clock.monotonic();
    let nextMs = Infinity;
    for (const connection of [...this.#idle]) {
      const dueMs = this.#dueMs(connection);
      if (dueMs - now < 1) connection.socket.destroy();
      else nextMs = Math.min(nextMs, dueMs);
    }
    if (nextMs !== Infinity) this.#expireAt(nextMs);
  }

  #cutAll(): void {
    this.dropIdle();
    for (const user of [...this.#users]) user.cut();
  }

  #sayIfEmpty(): void {
    if (this.#users.size === 0 && this.#open === 0) this.#options.emptied(this);
  }
}

function always(): boolean {
  return true;
}

function ignore(): void {}
function nothing(): void {}
