import type { ClientLimit } from '../proxy/client-limit.ts';
import { CONNECTIONS, count, type SharedCounts } from '../upstream/shared-counts.ts';

/** The limit on client connections for all threads together, seen from one of them. */
export class SharedClients implements ClientLimit {
  readonly #total: Int32Array;
  readonly #own: Int32Array;
  readonly #limit: number;

  constructor(counts: SharedCounts, thread: number, limit: number) {
    this.#total = counts.clients;
    this.#own = counts.rows[thread]!.clients;
    this.#limit = limit;
  }

  enter(): boolean {
    if (count(this.#total, this.#own, CONNECTIONS, 1) <= this.#limit) return true;
    this.leave();
    return false;
  }

  leave(): void {
    count(this.#total, this.#own, CONNECTIONS, -1);
  }
}
