import type { Clock } from '@headgate/shared/clock';
import type { ServerSlot, ServerSlots } from '../../upstream/server-slots.ts';
import { ServerConnections, type ServerUser } from './server-connections.ts';

export interface ConnectionPoolOptions {
  readonly clock: Clock;
  readonly slots: Pick<ServerSlots, 'isRetired' | 'onFreed'>;
  /** Below the 5 s of Node's servers, so that they seldom close a connection while a request is on its way. Default 4 s. */
  readonly idleTimeoutMs?: number;
  /** Default 256. */
  readonly maxIdlePerServer?: number;
}

/** Connections to servers, kept between requests. They belong to the server and survive every snapshot that has it. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #servers = new Map<ServerSlot, ServerConnections>();
  readonly #stopListening: () => void;
  #closed = false;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    this.#stopListening = options.slots.onFreed((server) => this.#servers.get(server)?.dropIdle());
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
    this.#stopListening();
    for (const connections of [...this.#servers.values()]) connections.dropIdle();
  }

  #add(server: ServerSlot): ServerConnections {
    const { clock, slots, idleTimeoutMs = 4_000, maxIdlePerServer = 256 } = this.#options;
    const connections = new ServerConnections({
      server,
      clock,
      idleTimeoutMs,
      maxIdle: maxIdlePerServer,
      mayKeep: () => !this.#closed && !slots.isRetired(server),
      emptied: (emptied) => this.#remove(emptied),
    });
    this.#servers.set(server, connections);
    return connections;
  }

  #remove(connections: ServerConnections): void {
    if (this.#servers.get(connections.server) === connections) this.#servers.delete(connections.server);
    connections.forget();
  }
}
