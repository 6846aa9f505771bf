import type { BackendTraffic } from './backend-traffic.ts';
import { CELL_SIZE, MOST_BACKENDS, type SharedCounts } from './shared-counts.ts';
import { SharedTraffic, type ThreadLines } from './shared-traffic.ts';

/** A snapshot has more backends than there is room for. */
export class TooManyBackendsError extends Error {
  override readonly name = 'TooManyBackendsError';

  constructor() {
    super(
      `with several threads there is room for ${MOST_BACKENDS} backends, those that have left for a moment included`,
    );
  }
}

const noLines: ThreadLines = { waiting: new Set(), wake: () => undefined };

/** Where backends are counted, which the main thread says for all threads. */
export class TrafficPlaces {
  readonly #counts: SharedCounts;
  readonly #places = new Map<string, number>();
  /** By name of backends that have left, the number of the last change that threads were told of by then. */
  readonly #leaving = new Map<string, number>();
  readonly #free: number[] = [];
  #used = 0;

  constructor(counts: SharedCounts) {
    this.#counts = counts;
  }

  /** Places that have ever been in use are below this. */
  get used(): number {
    return this.#used;
  }

  get hasLeaving(): boolean {
    return this.#leaving.size > 0;
  }

  placeOf(backend: string): number | undefined {
    return this.#places.get(backend);
  }

  /**
   * What is under way for a backend that is new, for reading.
   * @throws TooManyBackendsError
   */
  traffic(backend: string): BackendTraffic {
    const place = this.#places.get(backend) ?? this.#free.pop() ?? this.#used++;
    if (place >= MOST_BACKENDS) throw new TooManyBackendsError();
    this.#places.set(backend, place);
    this.#leaving.delete(backend);
    return new SharedTraffic({ counts: this.#counts, place, thread: undefined, lines: noLines });
  }

  /** The backend has left the configuration; threads have been told of the changes up to this one. */
  leave(backend: string, change: number): void {
    this.#leaving.set(backend, change);
  }

  /** Gives places back of backends for which nothing is under way, if every thread has followed up to this change. */
  sweep(followed: number): void {
    for (const [backend, change] of this.#leaving) {
      const place = this.#places.get(backend);
      if (change > followed || place === undefined || this.#isBusy(place)) continue;
      this.#leaving.delete(backend);
      this.#places.delete(backend);
      this.#free.push(place);
    }
  }

  #isBusy(place: number): boolean {
    const { traffic } = this.#counts;
    return traffic.subarray(place * CELL_SIZE, (place + 1) * CELL_SIZE).some((counted) => counted !== 0);
  }
}
