import type { RestoredSnapshot } from '../routing/restored-snapshot.ts';
import type { CompileFault, SnapshotChange } from '../routing/serving-table.ts';
import type { HeldSnapshot } from './held-snapshot.ts';

/** A change that can be served, or every reason why not. */
export type Prepared =
  | {
      readonly ok: true;
      /** Makes it the one that is served, at once, or in all threads by the time it resolves. Must not fail. */
      commit(): void | Promise<void>;
    }
  | { readonly ok: false; readonly faults: readonly CompileFault[] };

/**
 * Turns snapshots into what requests are served by. Only one change is under way at a time: the next `prepare` comes
 * after the `commit` of the last one, or after it was dropped.
 */
export interface Applier {
  /**
   * Compiles a change beside what is served, which it leaves alone. Asynchronous: it must not hold the event loop. `held`
   * is the whole snapshot after the change, as it came.
   */
  prepare(change: SnapshotChange, held: HeldSnapshot): Promise<Prepared>;
  /** The same for the snapshot of the time before a restart. */
  restore(snapshot: RestoredSnapshot): Promise<Prepared>;
}
