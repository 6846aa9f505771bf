import type { EncodedObject } from '@headgate/proto/object-codec';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import { noSnapshot, type SnapshotId } from '@headgate/shared/snapshot/snapshot-id';

/**
 * The snapshot that is served, as it came: the next delta is checked against it and the disk copy is made of it.
 * Immutable; versions share what did not change.
 */
export interface HeldSnapshot {
  readonly id: SnapshotId;
  /** By object key. */
  readonly objects: ShardedMap<EncodedObject>;
  /** Of all objects. Must not be changed: clone it. */
  readonly digest: SetDigest;
}

/** Before the first snapshot. */
export const nothingHeld: HeldSnapshot = {
  id: noSnapshot,
  objects: ShardedMap.empty(),
  digest: new SetDigest(),
};
