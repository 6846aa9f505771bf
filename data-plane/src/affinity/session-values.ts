import type { Clock } from '@headgate/shared/clock';
import { TimeSlice, YIELD_EVERY_MS } from '../routing/time-slice.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';
import { KeyTable } from './key-table.ts';
import type { SessionKeySet } from './session-key.ts';

export interface SessionValuesOptions {
  /** How long computing may hold the event loop at a time. Default 5. */
  readonly yieldEveryMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Longer ones than any key makes: `<16>.<22>`. */
const MAX_VALUE = 39;

/**
 * The cookie values of the servers of backends that have a session, by every key that holds. A value is found by its
 * server and a server by its value at the cost of a look-up. Servers are added when their backend is compiled and removed
 * when their slots are freed; a new set of keys is computed in slices and takes the place of the old one whole.
 */
export class SessionValues {
  readonly #options: SessionValuesOptions;
  /** By slot: the servers that have values. */
  readonly #servers: (ServerSlot | undefined)[] = [];
  #tables: readonly KeyTable[] = [];
  #issuing: KeyTable | undefined;
  /** Being computed. */
  #next: readonly KeyTable[] = [];

  constructor(options: SessionValuesOptions = {}) {
    this.#options = options;
  }

  /** Computes the values of a server, unless they are there. */
  add(server: ServerSlot): void {
    if (this.#servers[server.slot] === server) return;
    this.#servers[server.slot] = server;
    for (const table of this.#tables) table.add(server);
    for (const table of this.#next) if (!table.has(server)) table.add(server);
  }

  /** The slot of the server is free for another. */
  remove(server: ServerSlot): void {
    if (this.#servers[server.slot] !== server) return;
    this.#servers[server.slot] = undefined;
    for (const table of this.#tables) table.remove(server);
    for (const table of this.#next) table.remove(server);
  }

  /** Resolves when the keys hold, or when newer ones have come meanwhile. Without servers they hold at once. */
  async adopt(keys: SessionKeySet): Promise<void> {
    const next = keys.map((key) => this.#tables.find((table) => table.isOf(key)) ?? new KeyTable(key));
    this.#next = next;
    const slice = new TimeSlice(this.#options.yieldEveryMs ?? YIELD_EVERY_MS, this.#options.clock);
    for (let slot = 0; slot < this.#servers.length; slot++) {
      for (const table of next) this.#compute(table, slot);
      if (!slice.isOver()) continue;
      await slice.pause();
      if (this.#next !== next) return;
    }
    this.#tables = next;
    this.#issuing = next[keys.findIndex(({ issuing }) => issuing)];
    this.#next = [];
  }

  /** The server that a value was made for; undefined for what no key that holds has made. */
  serverOf(value: string): ServerSlot | undefined {
    if (value.length > MAX_VALUE) return undefined;
    for (const table of this.#tables) {
      const server = table.serverOf(value);
      if (server !== undefined) return server;
    }
    return undefined;
  }

  /** The value that new cookies have for a server; undefined as long as there is no key to make one. */
  valueFor(server: ServerSlot): string | undefined {
    return this.#servers[server.slot] === server ? this.#issuing?.valueOf(server) : undefined;
  }

  #compute(table: KeyTable, slot: number): void {
    const server = this.#servers[slot];
    if (server !== undefined && !table.has(server)) table.add(server);
  }
}
