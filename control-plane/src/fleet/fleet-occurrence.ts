import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { Introduction } from './fleet-member.ts';
import type { LastNack, Problem, VerdictChange } from './fleet-state.ts';

/** What has happened to a data plane. `id` is its own. */
export type FleetOccurrence =
  | { readonly kind: 'joined'; readonly id: string; readonly introduction: Introduction }
  /** Its stream has ended; `held` is what it last said that it serves. */
  | { readonly kind: 'left'; readonly id: string; readonly held: SnapshotId }
  | { readonly kind: 'forgotten'; readonly id: string }
  | { readonly kind: 'acked'; readonly id: string; readonly held: SnapshotId }
  | { readonly kind: 'nacked'; readonly id: string; readonly nack: LastNack }
  | { readonly kind: 'health'; readonly id: string; readonly changes: readonly VerdictChange[] }
  | { readonly kind: 'troubled'; readonly id: string; readonly problem: Problem };
