import { isOrder } from './day-requests.ts';

interface Place {
  readonly server: string;
  readonly begun: boolean;
}

/**
 * Where the numbered requests of a day are, as its servers see it. What may fail is exactly what a server that crashes has
 * under way and what the rules for retries leave to its fate:
 *
 * 1. an answer that had begun, which is cut;
 * 2. an order (POST), which may have been carried out: that is answered 502 `connection_lost`. It counts also when the
 *    server had not read it yet: then no server knows of it.
 *
 * Everything else has to be answered: what is asked of a server that is gone, and what it had not begun to answer.
 */
export class RequestLedger {
  readonly #places = new Map<number, Place>();
  readonly #orders = new Set<number>();
  readonly #lost = new Set<number>();
  #crashes = 0;

  reaches(number: number, server: string): void {
    this.#places.set(number, { server, begun: false });
    if (isOrder(number)) this.#orders.add(number);
  }

  begins(number: number, server: string): void {
    this.#places.set(number, { server, begun: true });
  }

  leaves(number: number, server: string): void {
    if (this.#places.get(number)?.server === server) this.#places.delete(number);
  }

  /** Whether an answer of the server has begun and not ended. */
  isAnswering(server: string): boolean {
    return [...this.#places.values()].some((place) => place.server === server && place.begun);
  }

  /** To be called before the connections are cut. */
  crashes(server: string): void {
    this.#crashes++;
    for (const [number, place] of this.#places) {
      if (place.server !== server) continue;
      if (place.begun || isOrder(number)) this.#lost.add(number);
      this.#places.delete(number);
    }
  }

  /** Whether this request was lost with a server, beyond the rules for retries. */
  excuses(number: number, failure: string): boolean {
    if (this.#lost.has(number)) return true;
    const wasUnread = isOrder(number) && !this.#orders.has(number);
    return wasUnread && this.#crashes > 0 && failure.includes('"connection_lost"');
  }
}
