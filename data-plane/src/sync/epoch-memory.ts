import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';

/** How many epochs that were left are remembered. */
const REMEMBERED = 16;

/** The epochs that were left, oldest first, after a snapshot took the place of another. */
export function epochsAfter(left: readonly string[], before: SnapshotId, after: SnapshotId): readonly string[] {
  if (before.epoch === '' || before.epoch === after.epoch) return left;
  return [...left.filter((epoch) => epoch !== before.epoch), before.epoch].slice(-REMEMBERED);
}
