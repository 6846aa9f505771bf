import { encodeObject, type EncodedObject } from '@headgate/proto/object-codec';
import { removalOf } from '@headgate/proto/object-kind';
import { createLogger } from '@headgate/shared/logger';
import { systemClock } from '@headgate/shared/clock';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import { keyOf, type ObjectKey, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { changeOfRestored } from '../routing/change-of-restored.ts';
import type { RestoredSnapshot } from '../routing/restored-snapshot.ts';
import type { CompileFault, SnapshotChange } from '../routing/serving-table.ts';
import type { Applier, Prepared } from './applier.ts';
import type { CompleteUpdate } from './complete-update.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

/** An applier that serves objects by key; it refuses what it is told to, and waits when it is told to. */
export class MapApplier implements Applier {
  table = new Map<ObjectKey, SnapshotObject>();
  faults: readonly CompileFault[] = [];
  changes: SnapshotChange[] = [];
  gate: Promise<void> = Promise.resolve();

  async prepare(change: SnapshotChange): Promise<Prepared> {
    this.changes.push(change);
    await this.gate;
    if (this.faults.length > 0) return { ok: false, faults: this.faults };
    const next = change.full ? new Map<ObjectKey, SnapshotObject>() : new Map(this.table);
    for (const key of change.removals) next.delete(key);
    for (const object of change.upserts) next.set(keyOf(object), object);
    return { ok: true, commit: () => void (this.table = next) };
  }

  restore(snapshot: RestoredSnapshot): Promise<Prepared> {
    return this.prepare(changeOfRestored(snapshot));
  }

  get keys(): readonly ObjectKey[] {
    return [...this.table.keys()].sort();
  }
}

export const silent = createLogger('test', 'silent');

/** A keeper with its applier. */
export function openKeeper(): { readonly keeper: SnapshotKeeper; readonly applier: MapApplier } {
  const applier = new MapApplier();
  return { applier, keeper: new SnapshotKeeper({ applier, clock: systemClock, logger: silent }) };
}

/** Objects at versions of one epoch, and the updates between them, as a control plane makes them. */
export class VersionedObjects {
  id: SnapshotId;
  readonly #objects = new Map<ObjectKey, EncodedObject>();

  constructor(epoch = 'e', version = 1) {
    this.id = { epoch, version };
  }

  get digest(): Buffer {
    const digest = new SetDigest();
    for (const { kind, body } of this.#objects.values()) digest.add(kind, body);
    return digest.toBytes();
  }

  get keys(): readonly ObjectKey[] {
    return [...this.#objects.keys()].sort();
  }

  full(): CompleteUpdate {
    return this.#update({ baseVersion: 0, upserts: [...this.#objects.values()] });
  }

  /** The next version, as a delta. */
  change({
    put = [],
    remove = [],
  }: {
    put?: readonly SnapshotObject[];
    remove?: readonly ObjectKey[];
  }): CompleteUpdate {
    const baseVersion = this.id.version;
    const upserts = put.map((object) => {
      const encoded = encodeObject(object);
      this.#objects.set(keyOf(object), encoded);
      return encoded;
    });
    for (const key of remove) this.#objects.delete(key);
    this.id = { ...this.id, version: baseVersion + 1 };
    return this.#update({ baseVersion, upserts, removals: remove.map(removalOf) });
  }

  #update(part: Partial<CompleteUpdate>): CompleteUpdate {
    const { id, digest } = this;
    return { id, baseVersion: 0, requiredFeatures: [], upserts: [], removals: [], digest, tooLarge: false, ...part };
  }
}
