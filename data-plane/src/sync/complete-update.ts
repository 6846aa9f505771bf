import type { EncodedObject } from '@headgate/proto/object-codec';
import type { RemovedObject } from '@headgate/proto/object-kind';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';

/** An update after its last chunk, not yet believed. */
export interface CompleteUpdate {
  readonly id: SnapshotId;
  /** 0: a full snapshot. */
  readonly baseVersion: number;
  readonly requiredFeatures: readonly string[];
  readonly upserts: readonly EncodedObject[];
  readonly removals: readonly RemovedObject[];
  /** Of the whole snapshot at `id`. */
  readonly digest: Uint8Array;
  /** It was larger than what is accepted; then its objects were thrown away. */
  readonly tooLarge: boolean;
}
