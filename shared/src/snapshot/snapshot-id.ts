/** Names one snapshot. Versions of different epochs are not comparable. */
export interface SnapshotId {
  /** Opaque; "" when there is no snapshot. */
  readonly epoch: string;
  /** 1 is the empty snapshot of an epoch; 0 when there is no snapshot. */
  readonly version: number;
}

export const noSnapshot: SnapshotId = { epoch: '', version: 0 };

/** Whether both name the same snapshot. */
export function sameSnapshot(a: SnapshotId, b: SnapshotId): boolean {
  return a.version === b.version && a.epoch === b.epoch;
}
