import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { ObjectKey } from '@headgate/shared/snapshot/snapshot-object';
import { touchedByStep } from '../desired/desired.ts';
import type { IntentKind, Store } from '../store/store.ts';
import type { BuiltSnapshot } from './build-snapshot.ts';
import { snapshotKey } from './intent-objects.ts';
import type { Snapshot } from './snapshot.ts';

export interface SnapshotLogLimits {
  /** How many versions back a delta can begin. Default 1,000. */
  readonly versions?: number;
  /** How many keys are remembered over all versions. Default 250,000. */
  readonly keys?: number;
}

/** A delta of more objects than that is not worth reading them at the start. */
const MOST_OBJECTS_READ = 20_000;

/** What is read of a store to know what its last versions have changed. */
export type StoredVersions = Pick<Store, 'commitsSince' | 'membershipSince' | 'revisions'>;

interface Step {
  readonly version: number;
  /** What differs from the step before. */
  readonly changed: ReadonlySet<ObjectKey>;
}

/**
 * The newest snapshot, and what the last versions changed: enough to tell a data plane what it has missed. Old
 * snapshots are not kept, because a delta carries the newest state of whatever has changed since.
 */
export class SnapshotLog {
  readonly #latest: LatestValue<Snapshot>;
  readonly #maxVersions: number;
  readonly #maxKeys: number;
  /** Oldest first, without gaps up to the newest version. */
  #steps: Step[] = [];
  #keys = 0;
  /** The oldest version that a delta can begin at. */
  #oldest: number;

  constructor(snapshot: Snapshot, limits: SnapshotLogLimits = {}) {
    this.#latest = new LatestValue(snapshot);
    this.#oldest = snapshot.id.version;
    this.#maxVersions = limits.versions ?? 1_000;
    this.#maxKeys = limits.keys ?? 250_000;
  }

  /**
   * A log that knows what the store's last versions have changed, so that data planes get deltas across a restart of the
   * control plane, unless very much has changed. `snapshot` is of the state that was read from the store.
   */
  static async fromStore(store: StoredVersions, snapshot: Snapshot): Promise<SnapshotLog> {
    const log = new SnapshotLog(snapshot);
    const newest = snapshot.id.version;
    const from = Math.max(1, newest - log.#maxVersions);
    const commits = await store.commitsSince(from, MOST_OBJECTS_READ);
    if (commits === undefined) return log;
    const membership = await store.membershipSince(from);
    // What came between the commit before and the first one was membership, or has changed nothing.
    const first = commits[0]?.version;
    const reach = first === undefined ? await quietSince(store, { from, newest }) : first - 1;
    log.#remember(Math.max(reach, membership.from), [
      ...commits.map(({ version, objects }) => ({ version, changed: keysOf(objects) })),
      ...membership.steps.map((step) => ({ version: step.version, changed: keysOf(touchedByStep(step)) })),
    ]);
    return log;
  }

  get latest(): ReadableValue<Snapshot> {
    return this.#latest;
  }

  /**
   * Makes a snapshot the newest one.
   * @throws RangeError when its version is not above that of the newest, or its epoch is another.
   */
  publish(built: BuiltSnapshot): void {
    const [before, after] = [this.#latest.value.id, built.snapshot.id];
    if (after.epoch !== before.epoch || after.version <= before.version) {
      throw new RangeError(`version ${after.version} of epoch ${after.epoch} cannot follow version ${before.version}`);
    }
    this.#push({ version: after.version, changed: built.changed });
    this.#latest.set(built.snapshot);
  }

  /** Whether a delta can begin at a version. */
  reaches(fromVersion: number): boolean {
    return fromVersion >= this.#oldest && fromVersion <= this.#latest.value.id.version;
  }

  /** What has changed from `fromVersion` to the newest version; undefined when that is too far back, or not yet. */
  deltaKeys(fromVersion: number): ReadonlySet<ObjectKey> | undefined {
    if (!this.reaches(fromVersion)) return undefined;
    const keys = new Set<ObjectKey>();
    for (let index = this.#steps.length - 1; index >= 0; index--) {
      const step = this.#steps[index]!;
      if (step.version <= fromVersion) break;
      for (const key of step.changed) keys.add(key);
    }
    return keys;
  }

  /** Steps that are newer than the snapshot are left out: they come by `publish`. */
  #remember(oldest: number, steps: readonly Step[]): void {
    const newest = this.#latest.value.id.version;
    this.#oldest = Math.min(newest, oldest);
    for (const step of steps.toSorted((a, b) => a.version - b.version)) {
      if (step.version > this.#oldest && step.version <= newest) this.#push(step);
    }
  }

  #push(step: Step): void {
    this.#steps.push(step);
    this.#keys += step.changed.size;
    let drop = 0;
    while (this.#steps.length - drop > this.#maxVersions || this.#keys > this.#maxKeys) {
      const dropped = this.#steps[drop++]!;
      this.#keys -= dropped.changed.size;
      this.#oldest = dropped.version;
    }
    if (drop > 0) this.#steps = this.#steps.slice(drop);
  }
}

/** The version since which there was no commit, as far as it is known: `from`, or the newest. */
async function quietSince(
  store: Pick<Store, 'revisions'>,
  { from, newest }: { readonly from: number; readonly newest: number },
): Promise<number> {
  // No commits are also what a commit too large to be read looks like.
  const { items } = await store.revisions({ limit: 1 });
  return (items[0]?.version ?? 0) <= from ? from : newest;
}

function keysOf(objects: Iterable<{ readonly kind: IntentKind; readonly name: string }>): ReadonlySet<ObjectKey> {
  return new Set([...objects].map(({ kind, name }) => snapshotKey(kind, name)));
}
