import { every, type Clock } from '@headgate/shared/clock';
import { FlapTracks, flapDefaults, type FlapPolicy } from './flap-tracks.ts';

/** How often it is looked whether a server has stopped flapping. */
const SWEEP_MS = 5_000;
const MOST_TRACKS = 500_000;

export interface FleetFlapsOptions {
  readonly clock: Clock;
  readonly policy?: Partial<FlapPolicy> | undefined;
  /** A data plane has stopped changing its mind about a server. */
  readonly onCalm: (server: string) => void;
  /**
   * Servers, of all data planes, whose last changes are remembered. Beyond it a data plane's oldest makes room for its next;
   * when all of them flap, or it has none, that is not remembered. Default 500,000.
   */
  readonly mostTracks?: number | undefined;
}

/** How the data planes change their minds about servers, while they are connected. */
export class FleetFlaps {
  readonly #clock: Clock;
  readonly #policy: FlapPolicy;
  readonly #onCalm: (server: string) => void;
  readonly #mostTracks: number;
  readonly #tracks = new Map<string, FlapTracks>();
  #size = 0;
  #stopSweep: (() => void) | undefined;

  constructor({ clock, policy, onCalm, mostTracks = MOST_TRACKS }: FleetFlapsOptions) {
    this.#clock = clock;
    this.#policy = { ...flapDefaults, ...policy };
    this.#onCalm = onCalm;
    this.#mostTracks = mostTracks;
  }

  /** Servers, of all data planes, whose last changes are remembered. */
  get size(): number {
    return this.#size;
  }

  /** A data plane has changed its mind about a server. Whether it flaps by that, and did not before. */
  note(id: string, server: string): boolean {
    const tracks = this.#tracks.get(id) ?? new FlapTracks(this.#policy);
    const before = tracks.size;
    const isNew = tracks.lastChange(server) === undefined;
    if (isNew && this.#size >= this.#mostTracks && !tracks.forgetOldest()) return false;
    this.#tracks.set(id, tracks);
    const begins = tracks.note(server, this.#clock.monotonic());
    this.#size += tracks.size - before;
    this.#stopSweep ??= every(this.#clock, SWEEP_MS, () => this.#sweep());
    return begins;
  }

  isFlapping(id: string, server: string): boolean {
    return this.#tracks.get(id)?.flapping.has(server) ?? false;
  }

  /** When a data plane changed its mind last, Unix time in milliseconds; undefined when that is forgotten. */
  lastChange(id: string, server: string): number | undefined {
    const at = this.#tracks.get(id)?.lastChange(server);
    return at === undefined ? undefined : this.#clock.now() - (this.#clock.monotonic() - at);
  }

  /** Forgets all about a data plane. */
  forget(id: string): void {
    const tracks = this.#tracks.get(id);
    if (tracks === undefined) return;
    this.#tracks.delete(id);
    this.#size -= tracks.size;
    for (const server of tracks.flapping) this.#onCalm(server);
  }

  close(): void {
    this.#stopSweep?.();
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const tracks of this.#tracks.values()) {
      const before = tracks.size;
      for (const server of tracks.expire(now)) this.#onCalm(server);
      this.#size += tracks.size - before;
    }
    if (this.#size > 0) return;
    this.#stopSweep?.();
    this.#stopSweep = undefined;
  }
}
