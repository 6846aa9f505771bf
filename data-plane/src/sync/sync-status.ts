import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { Faults } from './fault-list.ts';

/** How this data plane stands to its control plane. For readiness, the admin listener and metrics. */
export interface SyncStatus {
  /** Whether a control plane has let it in and the stream stands. */
  readonly connected: boolean;
  /** Address of the control plane that it is connected to, or tried last; "" before the first attempt. */
  readonly controlPlane: string;
  /** What is served. */
  readonly id: SnapshotId;
  /** Where that came from. */
  readonly source: 'none' | 'disk' | 'stream';
  /** Unix time in milliseconds when it came: of the disk copy, when it was written. */
  readonly appliedAt: number | undefined;
  /**
   * Whether a control plane has had its say since the start: it had nothing to send, or what it sent was applied or
   * refused.
   */
  readonly synchronised: boolean;
  /** Whether a control plane has said since the start that what is served is the newest, or has sent it. */
  readonly confirmed: boolean;
  /** Whether an attempt to reach a control plane has failed since the start. */
  readonly controlPlaneMissed: boolean;
  /** Unix time in milliseconds since which it is not sure to serve the newest version; undefined when it is. */
  readonly staleSince: number | undefined;
  readonly lastNack: SentNack | undefined;
  /** Why the last attempt to reach a control plane has failed, or its stream has ended. */
  readonly lastError: { readonly at: number; readonly reason: string } | undefined;
}

/** A snapshot that was refused. */
export interface SentNack {
  readonly id: SnapshotId;
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly faults: Faults;
}

/** Before anything has happened. `now` is Unix time in milliseconds. */
export function statusAtStart(now: number): SyncStatus {
  return {
    connected: false,
    controlPlane: '',
    id: { epoch: '', version: 0 },
    source: 'none',
    appliedAt: undefined,
    synchronised: false,
    confirmed: false,
    controlPlaneMissed: false,
    staleSince: now,
    lastNack: undefined,
    lastError: undefined,
  };
}
