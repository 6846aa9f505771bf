import type { Clock } from '@headgate/shared/clock';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { RestoredSnapshot } from '../routing/restored-snapshot.ts';
import type { SnapshotChange } from '../routing/serving-table.ts';
import { TimeSlice } from '../routing/time-slice.ts';
import type { Applier } from './applier.ts';
import { checkUpdate } from './check-update.ts';
import type { CompleteUpdate } from './complete-update.ts';
import { draftSnapshot } from './draft-snapshot.ts';
import { epochsAfter } from './epoch-memory.ts';
import { faultsOf, snapshotFault, type Faults } from './fault-list.ts';
import { nothingHeld, type HeldSnapshot } from './held-snapshot.ts';

/** What is kept, with what it remembers. */
export interface Kept {
  readonly held: HeldSnapshot;
  /** Epochs that were left for another, oldest first. */
  readonly leftEpochs: readonly string[];
}

/** One snapshot has taken the place of another. */
export interface KeptStep extends Kept {
  readonly from: SnapshotId;
  readonly change: SnapshotChange;
}

export type Applied = { readonly ok: true } | { readonly ok: false; readonly faults: Faults };

export interface SnapshotKeeperOptions {
  readonly applier: Applier;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long checking an update may hold the event loop. */
const SLICE_MS = 5;

/**
 * Keeps the snapshot that is served and replaces it: whole, or not at all.
 *
 * 1. An update that cannot fit, by epoch, version, base or features, is refused as it is.
 * 2. Its objects are decoded beside what is held, and the digest of the result must be the control plane's.
 * 3. The applier compiles it; then one pointer is swapped, and what is held moves with it in the same turn.
 * At every step before the swap, the last good snapshot goes on as if nothing had come.
 */
export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  readonly #kept = new LatestValue<Kept>({ held: nothingHeld, leftEpochs: [] });
  readonly #listeners = new Set<(step: KeptStep) => void>();
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
  }

  get kept(): ReadableValue<Kept> {
    return this.#kept;
  }

  /** Calls back right after each swap. Listeners must not throw. Returns how to stop. */
  onStep(listener: (step: KeptStep) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when no update is being applied. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** Applies an update of the stream, after those that came before it. Never rejects. */
  apply(update: CompleteUpdate): Promise<Applied> {
    return this.#next(() => this.#applyNow(update));
  }

  /**
   * Serves a snapshot that was kept on disk. Never rejects. Resolves as soon as it is served; what is held then follows
   * before anything else is applied.
   */
  restore(snapshot: RestoredSnapshot, kept: () => Promise<Kept>): Promise<Applied> {
    const served = this.#next(async () => {
      const prepared = await this.#options.applier.restore(snapshot);
      if (!prepared.ok) return { ok: false, faults: faultsOf(prepared.faults) };
      await prepared.commit();
      return { ok: true };
    });
    void this.#next(async () => {
      const applied = await served;
      if (applied.ok) this.#kept.set(await kept());
      return applied;
    });
    return served;
  }

  #next(work: () => Promise<Applied>): Promise<Applied> {
    const done = this.#work.then(work).catch((error: unknown): Applied => {
      this.#options.logger.error({ err: error }, 'applying a snapshot has failed; the last good one is served on');
      return { ok: false, faults: snapshotFault('internal', 'could not be applied; see the log of the data plane') };
    });
    this.#work = done;
    return done;
  }

  async #applyNow(update: CompleteUpdate): Promise<Applied> {
    const before = this.#kept.value;
    const misfit = checkUpdate(update, before);
    if (misfit !== undefined) return { ok: false, faults: misfit };
    const draft = await draftSnapshot(update, before.held, new TimeSlice(SLICE_MS, this.#options.clock));
    if (!draft.ok) return draft;
    const prepared = await this.#options.applier.prepare(draft.change, draft.held);
    if (!prepared.ok) return { ok: false, faults: faultsOf(prepared.faults) };
    // With several threads the pointers are swapped one after the other.
    const committed = prepared.commit();
    if (committed !== undefined) await committed;
    this.#keep(draft);
    return { ok: true };
  }

  #keep(draft: { readonly held: HeldSnapshot; readonly change: SnapshotChange }): void {
    const { held, leftEpochs } = this.#kept.value;
    const kept = { held: draft.held, leftEpochs: epochsAfter(leftEpochs, held.id, draft.held.id) };
    this.#kept.set(kept);
    for (const listener of [...this.#listeners]) listener({ ...kept, from: held.id, change: draft.change });
  }
}
