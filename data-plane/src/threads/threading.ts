import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { ServingState } from '../routing/serving-state.ts';
import { OwnerSlots } from '../upstream/owner-slots.ts';
import { createSharedCounts, type SharedCounts } from '../upstream/shared-counts.ts';
import { TrafficPlaces } from '../upstream/traffic-places.ts';
import { FollowedChanges } from './followed-changes.ts';
import { ThreadSet } from './thread-set.ts';

/** What the main thread has for several threads that it does without for one. */
export class Threading {
  readonly size: number;
  readonly counts: SharedCounts;
  readonly slots: OwnerSlots;
  readonly places: TrafficPlaces;
  readonly threads: ThreadSet;

  /** For so many threads. */
  constructor(size: number, clock: Clock) {
    this.size = size;
    this.counts = createSharedCounts(size);
    this.slots = new OwnerSlots(this.counts);
    this.places = new TrafficPlaces(this.counts);
    this.threads = new ThreadSet(clock);
  }

  /** How changes reach the threads, beside the main thread's own table. */
  changes(
    serving: ServingState,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ): FollowedChanges {
    const { slots, places, threads } = this;
    return new FollowedChanges({ serving, slots, places, threads, clock, logger });
  }
}
