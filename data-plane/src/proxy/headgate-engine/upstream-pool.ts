import type { ServerSlot, ServerSlots } from '../../upstream/server-slots.ts';
import type { Outbox } from './outbox.ts';
import { ServerPool, type PoolLimits } from './server-pool.ts';
import type { TimerWheel } from './timer-wheel.ts';

export interface UpstreamPoolOptions {
  readonly wheel: TimerWheel;
  readonly outbox: Outbox;
  readonly slots: Pick<ServerSlots, 'isRetired' | 'onFreed'>;
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
  readonly #stopListening: () => void;
  #closed = false;

  constructor(options: UpstreamPoolOptions) {
    this.#options = options;
    this.#limits = { ...poolLimitDefaults, ...options.limits };
    this.#stopListening = options.slots.onFreed((server) => this.#servers.get(server)?.dropIdle());
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
    this.#stopListening();
    for (const pool of [...this.#servers.values()]) pool.dropIdle();
  }

  #add(server: ServerSlot): ServerPool {
    const { wheel, outbox, slots } = this.#options;
    const pool = new ServerPool({
      server,
      wheel,
      outbox,
      limits: this.#limits,
      mayKeep: () => !this.#closed && !slots.isRetired(server),
      emptied: (emptied) => this.#remove(emptied),
    });
    this.#servers.set(server, pool);
    return pool;
  }

  #remove(pool: ServerPool): void {
    if (this.#servers.get(pool.server) === pool) this.#servers.delete(pool.server);
    pool.forget();
  }
}
