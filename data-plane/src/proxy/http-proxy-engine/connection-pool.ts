import type { Clock } from '@headgate/shared/clock';
import type { KnownName, ServerNames } from '../../resolution/name-table.ts';
import type { ServerSlot, ServerSlots } from '../../upstream/server-slots.ts';
import { ServerConnections, type ServerUser } from './server-connections.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export interface ConnectionPoolOptions {
  readonly clock: Clock;
  readonly slots: Pick<ServerSlots, 'isRetired' | 'onFreed'>;
  readonly names: ServerNames;
  /** Below the 5 s of Node's servers, so that they seldom close a connection while a request is on its way. Default 4 s. */
  readonly idleTimeoutMs?: number;
  /** Default 256. */
  readonly maxIdlePerServer?: number;
}

/** Connections to servers, kept between requests. They belong to the server and survive every snapshot that has it. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #servers = new Map<ServerSlot, ServerConnections>();
  readonly #stops: readonly (() => void)[];
  #closed = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    const { slots, names } = options;
    this.#stops = [
      slots.onFreed((server) => this.#servers.get(server)?.dropIdle()),
      names.onChange((known) => this.#leaveAddresses(known)),
    ];
  }

  /** Idle connections of a server. */
  idleCount(server: ServerSlot): number {
    return this.#servers.get(server)?.idleCount ?? 0;
  }

  /** Servers that something is held for. */
  get size(): number {
    return this.#servers.size;
  }

  /** The connections of a server, for somebody who uses it until `leave`. */
  enter(server: ServerSlot, user: ServerUser, cut: AbortSignal): ServerConnections {
    const connections = this.#servers.get(server) ?? this.#add(server);
    connections.enter(user, cut);
    return connections;
  }

  /** Closes what is idle; what comes free from now on is closed too. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    for (const connections of [...this.#servers.values()]) connections.dropIdle();
  }

  #add(server: ServerSlot): ServerConnections {
    const { clock, slots, names, idleTimeoutMs = 4_000, maxIdlePerServer = 256 } = this.#options;
    const connections = new ServerConnections({
      server,
      clock,
      idleTimeoutMs,
      maxIdle: maxIdlePerServer,
      lookup: names.lookup,
      mayKeep: (connection) => !this.#closed && !slots.isRetired(server) && this.#isCurrent(connection),
      emptied: (emptied) => this.#remove(emptied),
    });
    this.#servers.set(server, connections);
    return connections;
  }

  /** Connections to what is no address of the server any more carry no further request. */
  #leaveAddresses({ name }: KnownName): void {
    for (const [server, connections] of this.#servers) {
      if (server.address === name) connections.dropIdle((connection) => !this.#isCurrent(connection));
    }
  }

  #isCurrent({ server, socket }: UpstreamConnection): boolean {
    return !server.named || this.#options.names.isCurrent(server.address, socket.remoteAddress);
  }

  #remove(connections: ServerConnections): void {
    if (this.#servers.get(connections.server) === connections) this.#servers.delete(connections.server);
    connections.forget();
  }
}
