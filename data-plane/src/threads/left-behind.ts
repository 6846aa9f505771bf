import type { Clock } from '@headgate/shared/clock';
import type { OwnerSlots } from '../upstream/owner-slots.ts';
import type { TrafficPlaces } from '../upstream/traffic-places.ts';
import type { ThreadSet } from './thread-set.ts';

export interface LeftBehindOptions {
  readonly slots: OwnerSlots;
  readonly places: TrafficPlaces;
  readonly threads: ThreadSet;
  readonly clock: Clock;
}

/** Requests end in threads, which say nothing of it. */
const LOOK_EVERY_MS = 50;

/** Lets go of servers and backends that have left once nothing is under way there in any thread. */
export class LeftBehind {
  readonly #options: LeftBehindOptions;
  #cancelTimer: (() => void) | undefined;

  constructor(options: LeftBehindOptions) {
    this.#options = options;
  }

  /** Looks now, and again and again while there is anything to wait for. */
  look(): void {
    const { slots, places, threads, clock } = this.#options;
    if (!slots.hasLeaving && !places.hasLeaving) return;
    const followed = Math.min(...threads.all.map(({ settled }) => settled));
    const servers = slots.sweep(followed);
    if (servers.length > 0) threads.post({ kind: 'letGo', servers });
    places.sweep(followed);
    this.#cancelTimer ??= clock.after(LOOK_EVERY_MS, () => {
      this.#cancelTimer = undefined;
      this.look();
    });
  }

  close(): void {
    this.#cancelTimer?.();
  }
}
