import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import { keyOf, type ObjectKey } from '@headgate/shared/snapshot/snapshot-object';
import type { RestoredSnapshot } from '../routing/restored-snapshot.ts';
import type { ServingState } from '../routing/serving-state.ts';
import type { SnapshotChange } from '../routing/serving-table.ts';
import { TimeSlice, YIELD_EVERY_MS } from '../routing/time-slice.ts';
import type { Applier, Prepared } from '../sync/applier.ts';
import type { HeldSnapshot } from '../sync/held-snapshot.ts';
import type { OwnerSlots } from '../upstream/owner-slots.ts';
import { TooManyServersError } from '../upstream/shared-slots.ts';
import { TooManyBackendsError, type TrafficPlaces } from '../upstream/traffic-places.ts';
import { packChange, type NumberedObject } from './packed-change.ts';
import type { ThreadHandle } from './thread-handle.ts';
import type { ToThread } from './thread-messages.ts';
import type { ThreadSet } from './thread-set.ts';

export interface FollowedChangesOptions {
  /** The main thread's own. */
  readonly serving: ServingState;
  readonly slots: OwnerSlots;
  readonly places: TrafficPlaces;
  readonly threads: ThreadSet;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A thread that is asked to follow and says nothing for so long is given up. */
const ANSWER_MS = 30_000;

/**
 * Brings changes to all threads.
 *
 * 1. The main thread prepares a change itself. What it refuses no thread sees.
 * 2. It numbers what is new and posts the objects as they came, packed once for all. Every thread compiles them beside
 *    what it serves.
 * 3. When all have, all are told to commit; when all have, so does the main thread, and the change is acknowledged. From
 *    the first commit to the last, a request is served by the one version or the other.
 * 4. A thread that is new gets all that is held, then the changes that have come meanwhile; nobody waits for it before
 *    it has caught up (`isUpToDate`). One that cannot follow, or does not answer, is given up, and another takes its place.
 */
export class FollowedChanges implements Applier {
  readonly #options: FollowedChangesOptions;
  /** What is served by all threads, or will be before anything else happens. */
  #held: HeldSnapshot | undefined;
  /** Numbers of the last change that was posted, and of the last that was committed. */
  #posted = 0;
  #decided = 0;
  /** Posted and not committed. */
  #underWay: ToThread | undefined;

  constructor(options: FollowedChangesOptions) {
    this.#options = options;
  }

  /** The number of the last change that threads were told of. */
  get posted(): number {
    return this.#posted;
  }

  /** The main thread serves this: threads can be brought up from now on. */
  begin(held: HeldSnapshot): void {
    this.#held = held;
  }

  restore(snapshot: RestoredSnapshot): Promise<Prepared> {
    return this.#options.serving.restore(snapshot);
  }

  async prepare(change: SnapshotChange, held: HeldSnapshot): Promise<Prepared> {
    const prepared = await this.#prepareHere(change);
    if (!prepared.ok) return prepared;
    const number = ++this.#posted;
    const { slots, threads } = this.#options;
    slots.begins(number);
    const packed = await packChange(change, this.#numbered(change.upserts.map(keyOf), held), this.#slice());
    this.#underWay = { kind: 'prepare', number, change: packed };
    threads.post(this.#underWay);
    await this.#untilServing((thread) => thread.prepared >= number);
    return {
      ok: true,
      commit: async () => {
        await this.#commit(number, held);
        await prepared.commit();
      },
    };
  }

  /** Brings a thread up that has just been added. */
  async bringUp(thread: ThreadHandle): Promise<void> {
    const held = this.#held;
    if (held === undefined) throw new Error('there is nothing yet that a thread could serve');
    const number = this.#decided;
    if (this.#underWay !== undefined) thread.post(this.#underWay);
    const whole = { id: held.id, full: true, removals: [] };
    const change = await packChange(
      whole,
      this.#numbered(held.objects.keys() as Iterable<ObjectKey>, held),
      this.#slice(),
    );
    thread.load({ kind: 'load', number, change });
  }

  /** Whether a thread serves what all others do. */
  isUpToDate(thread: ThreadHandle): boolean {
    return thread.committed >= this.#decided;
  }

  async #prepareHere(change: SnapshotChange): Promise<Prepared> {
    try {
      return await this.#options.serving.prepare(change);
    } catch (error) {
      if (!(error instanceof TooManyServersError || error instanceof TooManyBackendsError)) throw error;
      return { ok: false, faults: [{ object: '', field: '', code: 'too_large', reason: error.message }] };
    }
  }

  async #commit(number: number, held: HeldSnapshot): Promise<void> {
    this.#held = held;
    this.#decided = number;
    this.#underWay = undefined;
    this.#options.threads.post({ kind: 'commit', number });
    await this.#untilServing((thread) => thread.committed >= number);
  }

  async #untilServing(isSo: (thread: ThreadHandle) => boolean): Promise<void> {
    const { threads, logger } = this.#options;
    const late = await threads.until((thread) => !thread.isServing || isSo(thread), ANSWER_MS);
    for (const thread of late) {
      logger.error({ thread: thread.number, withinMs: ANSWER_MS }, 'a thread does not follow a change: it is given up');
      await thread.terminate(`it did not follow a change within ${ANSWER_MS} ms`);
    }
  }

  *#numbered(keys: Iterable<ObjectKey>, { objects }: HeldSnapshot): Generator<NumberedObject, void> {
    for (const key of keys) {
      const encoded = objects.get(key);
      if (encoded !== undefined) yield { encoded, number: this.#numberOf(key) };
    }
  }

  #numberOf(key: ObjectKey): number {
    const { slots, places } = this.#options;
    if (key.startsWith('server/')) return slots.get(key.slice('server/'.length))?.slot ?? 0;
    return key.startsWith('backend/') ? (places.placeOf(key.slice('backend/'.length)) ?? 0) : 0;
  }

  #slice(): TimeSlice {
    return new TimeSlice(YIELD_EVERY_MS, this.#options.clock);
  }
}
