import type { ObjectChange } from '../store/store.ts';

/** What a planner has worked out: every object that differs, with the content it was planned on. */
export interface PlannedChange {
  /** Empty when the content is equal to what there is: then there is nothing to commit. */
  readonly objects: readonly ObjectChange[];
}
