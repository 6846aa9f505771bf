import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import { sameSnapshot } from '@headgate/shared/snapshot/snapshot-id';
import type { DataPlaneRecord, DataPlaneState } from './fleet-state.ts';

/** What the state depends on. */
export type Serving = Pick<DataPlaneRecord, 'connected' | 'rejected' | 'epoch' | 'version'>;

/** How a data plane stands to the newest snapshot. */
export function stateOf(record: Serving, newest: SnapshotId): DataPlaneState {
  if (!record.connected) return 'gone';
  if (record.rejected) return 'rejected';
  return sameSnapshot(record, newest) ? 'live' : 'lagging';
}
