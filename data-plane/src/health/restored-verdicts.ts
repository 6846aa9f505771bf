import type { Clock } from '@headgate/shared/clock';
import type { KnownVerdict } from './health-table.ts';

export interface RestoredVerdictsOptions {
  readonly clock: Clock;
  /** By server key. */
  readonly verdicts: ReadonlyMap<string, KnownVerdict>;
  /** How long they are good for from now on. */
  readonly lifeMs: number;
}

/**
 * Verdicts of the time before a restart, for servers whose probing begins. Each is given once: a server that leaves and
 * comes back later is a new one. They go on ageing while the data plane waits for its first snapshot.
 */
export class RestoredVerdicts {
  readonly #clock: Clock;
  readonly #verdicts: Map<string, KnownVerdict>;
  readonly #goodUntil: number;

  constructor({ clock, verdicts, lifeMs }: RestoredVerdictsOptions) {
    this.#clock = clock;
    this.#verdicts = new Map(verdicts);
    this.#goodUntil = clock.monotonic() + lifeMs;
  }

  get size(): number {
    return this.#verdicts.size;
  }

  take(server: string): KnownVerdict | undefined {
    if (this.#clock.monotonic() > this.#goodUntil) this.#verdicts.clear();
    const known = this.#verdicts.get(server);
    this.#verdicts.delete(server);
    return known;
  }
}
