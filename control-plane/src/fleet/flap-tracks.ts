/** From when on a data plane that changes its mind about a server is said to be flapping. */
export interface FlapPolicy {
  /** So many changes of the verdict within `windowMs`. */
  readonly changes: number;
  readonly windowMs: number;
}

export const flapDefaults: FlapPolicy = { changes: 4, windowMs: 300_000 };

/**
 * When one data plane has lately changed its mind about which server. Only the last changes within the window are kept;
 * servers about which it changes nothing cost nothing.
 */
export class FlapTracks {
  readonly #policy: FlapPolicy;
  /** Times of the last changes by server, oldest first; servers in the order of their last change. */
  readonly #times = new Map<string, readonly number[]>();
  readonly #flapping = new Set<string>();

  constructor(policy: FlapPolicy) {
    this.#policy = policy;
  }

  /** Servers whose last changes are kept. */
  get size(): number {
    return this.#times.size;
  }

  get flapping(): ReadonlySet<string> {
    return this.#flapping;
  }

  /** Time of the last change, by the clock of `note`; undefined when that is longer ago than the window. */
  lastChange(server: string): number | undefined {
    return this.#times.get(server)?.at(-1);
  }

  /** The verdict has changed, at a time of a clock that only grows. Whether the server is flapping by that, and was not before. */
  note(server: string, now: number): boolean {
    const times = [...(this.#times.get(server) ?? []), now].slice(-this.#policy.changes);
    this.#times.delete(server);
    this.#times.set(server, times);
    if (this.#flapping.has(server) || !this.#tooMany(times, now)) return false;
    this.#flapping.add(server);
    return true;
  }

  /** Makes room: forgets the server that has not changed for longest, of those that are not flapping. False without any. */
  forgetOldest(): boolean {
    for (const server of this.#times.keys()) if (!this.#flapping.has(server)) return this.#times.delete(server);
    return false;
  }

  /** Forgets what is longer ago than the window. Returns the servers that are flapping no more. */
  expire(now: number): readonly string[] {
    for (const [server, times] of this.#times) {
      if (times.at(-1)! >= now - this.#policy.windowMs) break;
      this.#times.delete(server);
    }
    const calmed = [...this.#flapping].filter((server) => !this.#tooMany(this.#times.get(server) ?? [], now));
    for (const server of calmed) this.#flapping.delete(server);
    return calmed;
  }

  #tooMany(times: readonly number[], now: number): boolean {
    const { changes, windowMs } = this.#policy;
    return times.length >= changes && times[0]! >= now - windowMs;
  }
}
