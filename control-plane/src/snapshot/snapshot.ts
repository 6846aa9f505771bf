import type { EncodedObject } from '@headgate/proto/object-codec';
import type { ShardedMap } from '@headgate/shared/sharded-map';
import type { SetDigest } from '@headgate/shared/snapshot/set-digest';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';

/** Everything that data planes serve at one version. Immutable; versions share what did not change. */
export interface Snapshot {
  readonly id: SnapshotId;
  /** By object key (`backend/web`); each is encoded once, whatever the number of streams. */
  readonly objects: ShardedMap<EncodedObject>;
  /** Of all objects. Must not be changed: clone it. */
  readonly digest: SetDigest;
}
