import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { Introduction } from './fleet-member.ts';
import type { LastNack, Problem, ReportedDeviation, VerdictChange } from './fleet-state.ts';

/** What has happened to a data plane. `id` is its own. */
export type FleetOccurrence =
  | {
      readonly kind: 'joined';
      readonly id: string;
      readonly introduction: Introduction;
      /** What its last stream said of servers, which is void now. */
      readonly voided: readonly ReportedDeviation[];
    }
  /** Its stream has ended; `held` is what it last said that it serves. */
  | { readonly kind: 'left'; readonly id: string; readonly held: SnapshotId }
  | { readonly kind: 'forgotten'; readonly id: string; readonly voided: readonly ReportedDeviation[] }
  | { readonly kind: 'acked'; readonly id: string; readonly held: SnapshotId }
  | { readonly kind: 'nacked'; readonly id: string; readonly nack: LastNack }
  /** A report that changes no verdict is told only when it is a full set. */
  | {
      readonly kind: 'health';
      readonly id: string;
      readonly full: boolean;
      readonly changes: readonly VerdictChange[];
    }
  | { readonly kind: 'troubled'; readonly id: string; readonly problem: Problem };
