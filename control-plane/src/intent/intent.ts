import { setImmediate } from 'node:timers/promises';
import { systemClock, type Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { AuditOrigin } from '../store/access-store.ts';
import { StaleRevisionError, type Commit, type ObjectChange, type Store } from '../store/store.ts';
import { applyCommit } from './apply-commit.ts';
import { assertGuard } from './assert-guard.ts';
import { commitFailure } from './commit-failure.ts';
import { openHistory, type History } from './history.ts';
import type { IntentState } from './intent-state.ts';
import { loadIntent } from './load-intent.ts';
import type { PlannedChange } from './planned-change.ts';
import { rehearse, type Rehearsal } from './rehearsal.ts';
import type { WholeBackend } from './whole-backend.ts';

const MOST_TRIES = 5;
const MOST_WAITING = 1_000;
/** A change of more objects is worked out in one turn and committed in another, so that others wait less. */
const MANY_OBJECTS = 1_000;
/** How long another replica's commit, which made ours stale, may take to arrive. */
const CATCH_UP_MS = 5_000;

export interface IntentOptions {
  readonly logger: Logger;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Looks at every planned change, and throws when it cannot be, whoever forces it. Default: all can. */
  readonly admit?: (objects: readonly ObjectChange[]) => void;
}

/** Who changes something, and why ("" when nothing was said). */
export interface Author {
  readonly author: string;
  readonly message: string;
  /** By which request, for the audit log; absent when by none. */
  readonly origin?: AuditOrigin | undefined;
}

export interface WriteResult {
  readonly epoch: string;
  readonly revision: number;
  readonly version: number;
  /** False when the content was equal: then nothing was committed. */
  readonly changed: boolean;
  /** The state with this write and no later one. */
  readonly state: IntentState;
}

export type CommitListener = (commit: Commit, state: IntentState) => void;

/**
 * Works out a change on a state. Called again on a newer state when somebody else was faster. Must change nothing; it may
 * read what is immutable, such as the past.
 */
export type Plan = (state: IntentState) => PlannedChange | Promise<PlannedChange>;

export interface WriteOptions {
  /** Lets a change pass that the change guard would hold. Default false. */
  readonly force?: boolean | undefined;
  /** What others bring, which the change guard counts. Default: nothing. */
  readonly whole?: WholeBackend | undefined;
}

/**
 * What operators want, in memory, one step behind the store and never ahead of it: the state advances only by what the
 * store says was committed, so that another replica's commits arrive the same way as ours.
 *
 * Writes happen one after the other: each is planned on the state that the one before it has left.
 */
export class Intent {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #admit: (objects: readonly ObjectChange[]) => void;
  readonly #state: LatestValue<IntentState>;
  /** What operators wanted before. */
  readonly history: History;
  readonly #listeners = new Set<CommitListener>();
  #writes: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #stopWatching: (() => void) | undefined;
  #closed = false;

  private constructor(store: Store, state: IntentState, options: IntentOptions) {
    this.#store = store;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#admit = options.admit ?? (() => undefined);
    this.#state = new LatestValue(state);
    this.history = openHistory(store);
  }

  /** Reads the store. The intent does not close it. */
  static async create(store: Store, options: IntentOptions): Promise<Intent> {
    return new Intent(store, loadIntent(await store.load()), options);
  }

  /** Follows the store from now on. */
  start(): void {
    this.#stopWatching ??= this.#follow();
  }

  #follow(): () => void {
    const stops = [
      this.#store.watch(this.#state.value.revision, (commit) => this.#advance(commit)),
      // A version that others made holds what operators want, too.
      this.#store.watchMembership(({ version }) => this.#state.set({ ...this.#state.value, version })),
    ];
    return () => stops.forEach((stop) => stop());
  }

  get state(): ReadableValue<IntentState> {
    return this.#state;
  }

  /**
   * Calls back for every commit from now on, in order, with the state that it has led to, which `state` shows by then.
   * Listeners must not throw. Returns how to stop.
   */
  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Makes a planned change durable; `state` includes it when the promise resolves. What the plan throws is passed on.
   *
   * @throws HeadgateError HEADGATE_GUARD with every reason, HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  write(plan: Plan, who: Author, options: WriteOptions = {}): Promise<WriteResult> {
    if (this.#closed || this.#stopWatching === undefined) {
      return Promise.reject(unavailable('The control plane is starting or stopping'));
    }
    if (this.#waiting >= MOST_WAITING)
      return Promise.reject(unavailable('Too many changes are waiting — try again later'));
    this.#waiting++;
    const written = this.#writes.then(() => this.#writeNow(plan, who, options)).finally(() => this.#waiting--);
    this.#writes = written.catch(() => undefined);
    return written;
  }

  /** What a write would do to the state of now. What the plan throws is passed on. */
  async rehearse(plan: Plan, { whole }: Pick<WriteOptions, 'whole'> = {}): Promise<Rehearsal> {
    const state = this.#state.value;
    const planned = await plan(state);
    this.#admit(planned.objects);
    return rehearse(state, planned, whole);
  }

  /** Lets the writes that wait finish, then stops following the store. Later writes are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writes;
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  async #writeNow(plan: Plan, who: Author, { force = false, whole }: WriteOptions): Promise<WriteResult> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const state = this.#state.value;
      const { objects } = await plan(state);
      if (objects.length === 0) return resultOf(state, false);
      this.#admit(objects);
      if (!force) assertGuard(state, objects, whole);
      if (objects.length > MANY_OBJECTS) await setImmediate();
      const committed = await this.#commit(state, { ...who, objects });
      if (committed !== undefined) return resultOf(committed, true);
      await this.#newerThan(state.revision);
    }
    throw unavailable('Others change the configuration all the time — try again');
  }

  /** The state with the change in it; undefined when somebody else was faster. */
  async #commit(state: IntentState, change: PlannedChange & Author): Promise<IntentState | undefined> {
    const seen = new Map<number, IntentState>();
    const stop = this.onCommit((commit, after) => seen.set(commit.revision, after));
    try {
      const { revision } = await this.#store.commit(state.revision, change);
      const after = seen.get(revision);
      if (after === undefined) throw new Error(`the store did not show the commit of revision ${revision}`);
      return after;
    } catch (error) {
      if (error instanceof StaleRevisionError) return undefined;
      throw commitFailure(error, this.#logger);
    } finally {
      stop();
    }
  }

  #advance(commit: Commit): void {
    const state = applyCommit(this.#state.value, commit);
    this.#state.set(state);
    for (const listener of [...this.#listeners]) this.#show(listener, commit, state);
  }

  /** A listener that throws is a bug of its room, and must not hide the commit from the others. */
  #show(listener: CommitListener, commit: Commit, state: IntentState): void {
    try {
      listener(commit, state);
    } catch (error) {
      this.#logger.error({ err: error, revision: commit.revision }, 'A commit could not be followed');
    }
  }

  /** Waits for somebody else's commit to arrive. */
  #newerThan(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#state.value.revision > revision) return resolve();
      const cancel = this.#clock.after(CATCH_UP_MS, () => {
        stop();
        reject(unavailable('The store has changed and does not say how — try again'));
      });
      const stop = this.onCommit(() => {
        stop();
        cancel();
        resolve();
      });
    });
  }
}

function resultOf(state: IntentState, changed: boolean): WriteResult {
  return { epoch: state.epoch, revision: state.revision, version: state.version, changed, state };
}

function unavailable(detail: string): HeadgateError {
  return new HeadgateError('HEADGATE_UNAVAILABLE', detail);
}
