import type { KnownName, ServerNames } from '../../resolution/name-table.ts';
import type { ServerSlot, ServerSlots } from '../../upstream/server-slots.ts';
import type { Outbox } from './outbox.ts';
import { ServerPool, type PoolLimits } from './server-pool.ts';
import type { TimerWheel } from './timer-wheel.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export interface UpstreamPoolOptions {
  readonly wheel: TimerWheel;
  readonly outbox: Outbox;
  readonly slots: Pick<ServerSlots, 'isRetired' | 'onFreed'>;
  readonly names: ServerNames;
  readonly limits?: Partial<PoolLimits>;
}

export const poolLimitDefaults: PoolLimits = {
  idleMs: 4_000,
  idlePerServer: 256,
  requestsPerConnection: 100_000,
  ageMs: 3_600_000,
};

/** Connections to servers, kept between requests. They belong to the server and survive every snapshot that has it. */
export class UpstreamPool {
  readonly #options: UpstreamPoolOptions;
  readonly #limits: PoolLimits;
  readonly #servers = new Map<ServerSlot, ServerPool>();
  readonly #stops: readonly (() => void)[];
  #closed = false;

  constructor(options: UpstreamPoolOptions) {
    this.#options = options;
    this.#limits = { ...poolLimitDefaults, ...options.limits };
    const { slots, names } = options;
    this.#stops = [
      slots.onFreed((server) => this.#servers.get(server)?.dropIdle()),
      names.onChange((known) => this.#leaveAddresses(known)),
    ];
  }

  /** Servers that something is held for. */
  get size(): number {
    return this.#servers.size;
  }

  /** The connections of a server, for somebody who begins to use it. */
  of(server: ServerSlot): ServerPool {
    return this.#servers.get(server) ?? this.#add(server);
  }

  /** Closes what is idle; what comes free from now on is closed too. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    for (const pool of [...this.#servers.values()]) pool.dropIdle();
  }

  #add(server: ServerSlot): ServerPool {
    const { wheel, outbox, slots, names } = this.#options;
    const pool = new ServerPool({
      server,
      wheel,
      outbox,
      limits: this.#limits,
      lookup: names.lookup,
      mayKeep: (connection) => !this.#closed && !slots.isRetired(server) && this.#isCurrent(connection),
      emptied: (emptied) => this.#remove(emptied),
    });
    this.#servers.set(server, pool);
    return pool;
  }

  /** Connections to what is no address of the server any more carry no further request. */
  #leaveAddresses({ name }: KnownName): void {
    for (const [server, pool] of this.#servers) {
      if (server.address === name) pool.dropIdle((connection) => !this.#isCurrent(connection));
    }
  }

  #isCurrent({ server, socket }: UpstreamConnection): boolean {
    return !server.named || this.#options.names.isCurrent(server.address, socket.remoteAddress);
  }

  #remove(pool: ServerPool): void {
    if (this.#servers.get(pool.server) === pool) this.#servers.delete(pool.server);
    pool.forget();
  }
}
