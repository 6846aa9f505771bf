import { systemClock, type Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import { assertGuard } from '../intent/assert-guard.ts';
import { commitFailure } from '../intent/commit-failure.ts';
import type { MembershipCommit, OwnedChange, Store } from '../store/store.ts';
import { applyMembership, loadMembership } from './apply-membership.ts';
import { assertFreeNames } from './assert-free-names.ts';
import { MemberIndex } from './member-index.ts';
import type { MembershipState } from './membership-state.ts';
import type { MemberChange, MembershipWriter } from './membership-writer.ts';
import { planLayer, type LayerWrite } from './plan-layer.ts';

/** How long the first change of a batch waits for others. */
const BATCH_MS = 5;
const MOST_WAITING = 20_000;

type MembershipStore = Pick<Store, 'loadMembership' | 'commitMembership' | 'watchMembership'>;

export interface MembershipOptions {
  readonly logger: Logger;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

export interface LayerResult {
  /** The newest version of membership, which holds the document. */
  readonly version: number;
  readonly changed: boolean;
}

interface Waiting {
  readonly owner: string;
  readonly changes: readonly MemberChange[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What others than operators bring: document layers and members, durable like operators' intent, without revisions. It
 * advances only by what the store says was committed.
 *
 * Changes of members that come within 5 ms are one commit and one version; layers are a commit each. One commit is under
 * way at a time, and each is worked out on the state that the one before it has left.
 */
export class Membership implements MembershipWriter {
  readonly #store: MembershipStore;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #state: LatestValue<MembershipState>;
  readonly #index: MemberIndex;
  readonly #listeners = new Set<(commit: MembershipCommit) => void>();
  readonly #stop: () => void;
  #waiting: Waiting[] = [];
  #cancelBatch: (() => void) | undefined;
  #writes: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(store: MembershipStore, state: MembershipState, { logger, clock }: MembershipOptions) {
    this.#store = store;
    this.#logger = logger;
    this.#clock = clock ?? systemClock;
    this.#state = new LatestValue(state);
    this.#index = MemberIndex.of(state.members);
    this.#stop = store.watchMembership((commit) => this.#advance(commit));
  }

  /**
   * Reads the store. What was posted and not saved is gone when it resolves: the layer is what was saved last, as a newer
   * version.
   */
  static async create(store: MembershipStore, options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(store, loadMembership(await store.loadMembership()), options);
    await membership.#unshelve();
    return membership;
  }

  get state(): ReadableValue<MembershipState> {
    return this.#state;
  }

  /** Calls back for every commit from now on, in order, when `state` shows it. Returns how to stop. */
  onCommit(listener: (commit: MembershipCommit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  membersOf(owner: string): ReturnType<MembershipWriter['membersOf']> {
    return this.#index.of(owner);
  }

  /** Who brings members, or has. */
  owners(): Iterable<string> {
    return this.#index.owners();
  }

  write(owner: string, changes: readonly MemberChange[]): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable('The control plane is stopping'));
    if (this.#waiting.length >= MOST_WAITING) return Promise.reject(unavailable('Too many changes are waiting'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ owner, changes, resolve, reject });
      this.#cancelBatch ??= this.#clock.after(BATCH_MS, () => this.#commitBatch());
    });
  }

  /**
   * Gives a layer another document, whole.
   *
   * @throws HeadgateError HEADGATE_INVALID with a fault for each name that another layer or operators own, HEADGATE_GUARD,
   *   HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  putLayer(write: LayerWrite): Promise<LayerResult> {
    return this.#exclusively(async () => {
      const objects = planLayer(this.#state.value, write);
      if (objects.length === 0) return { version: this.#state.value.version, changed: false };
      assertFreeNames(write, objects);
      if (write.force !== true) this.#assertGuard(write, objects);
      const { version } = await this.#commit(objects);
      return { version, changed: true };
    });
  }

  /** Lets what waits be committed, then stops. Later writes are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#commitBatch();
    await this.#writes;
    this.#stop();
  }

  #commitBatch(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = undefined;
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    void this.#exclusively(() => this.#commitMembers(batch));
  }

  async #commitMembers(batch: readonly Waiting[]): Promise<void> {
    try {
      const objects = this.#index.plan(batch);
      if (objects.length > 0) await this.#commit(objects);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #unshelve(): Promise<void> {
    const { shelved } = this.#state.value;
    if (shelved === undefined) return;
    await this.#commit(planLayer(this.#state.value, { layer: 'posted', document: shelved, saved: true }));
    this.#logger.info('what was posted without being saved is gone: the layer is as it was saved last');
  }

  /** Members stay when the layer's own servers go, and operators' overrides count. */
  #assertGuard({ layer, desired }: LayerWrite, objects: readonly OwnedChange[]): void {
    assertGuard(this.#state.value.layers[layer], changesOfLayer(objects), (name) => desired.backends.get(name));
  }

  #exclusively<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#writes.then(action);
    this.#writes = done.catch(() => undefined);
    return done;
  }

  async #commit(objects: readonly OwnedChange[]): Promise<{ readonly version: number }> {
    try {
      return await this.#store.commitMembership(objects);
    } catch (error) {
      throw commitFailure(error, this.#logger);
    }
  }

  #advance(commit: MembershipCommit): void {
    this.#index.apply(commit.objects);
    this.#state.set(applyMembership(this.#state.value, commit));
    for (const listener of [...this.#listeners]) listener(commit);
  }
}

/** What the guard looks at. */
function changesOfLayer(objects: readonly OwnedChange[]): Parameters<typeof assertGuard>[1] {
  return objects.flatMap(({ kind, name, before, after }) =>
    kind === 'backend' || kind === 'server' || kind === 'host' ? [{ kind, name, before, after }] : [],
  );
}

function unavailable(detail: string): HeadgateError {
  return new HeadgateError('HEADGATE_UNAVAILABLE', `${detail} — try again later`);
}
