import type { CompileFault, SnapshotChange } from '../routing/serving-table.ts';

/** A change that can be served, or every reason why not. */
export type Prepared =
  | { readonly ok: true; /** Makes it the one that is served, at once. Must not fail. */ commit(): void }
  | { readonly ok: false; readonly faults: readonly CompileFault[] };

/**
 * Turns snapshots into what requests are served by. Only one change is under way at a time: the next `prepare` comes
 * after the `commit` of the last one, or after it was dropped.
 */
export interface Applier {
  /** Compiles a change beside what is served, which it leaves alone. Asynchronous: it must not hold the event loop. */
  prepare(change: SnapshotChange): Promise<Prepared>;
}
