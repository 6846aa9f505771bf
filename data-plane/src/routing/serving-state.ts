import { systemClock, type Clock } from '@headgate/shared/clock';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import { SessionValues } from '../affinity/session-values.ts';
import { beginRamp } from '../balancing/slow-start.ts';
import { BackendTraffic } from '../upstream/backend-traffic.ts';
import type { DrainTimers } from '../upstream/drain-timers.ts';
import type { ServerSlots } from '../upstream/server-slots.ts';
import { changeOfRestored } from './change-of-restored.ts';
import { prepareTable } from './compile-table.ts';
import { emptyTable } from './empty-table.ts';
import { restoreTable } from './restore-table.ts';
import { RestoredBackend } from './restored-backend.ts';
import type { RestoredSnapshot } from './restored-snapshot.ts';
import type {
  CompiledBackend,
  CompileFault,
  ServingTable,
  SnapshotChange,
  StateChange,
  TableDifference,
} from './serving-table.ts';
import { TimeSlice, YIELD_EVERY_MS } from './time-slice.ts';

export interface ServingStateOptions {
  readonly slots: ServerSlots;
  readonly drains: DrainTimers;
  /** How long preparing may hold the event loop at a time. Default 5. */
  readonly yieldEveryMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** What lots are drawn by, from 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Of the servers of backends that have sessions. Default: without keys, so that nobody has a session. */
  readonly values?: SessionValues | undefined;
  /** Where what is under way for a new backend is counted. Default: for itself. */
  readonly traffic?: ((backend: string) => BackendTraffic) | undefined;
}

/** A table has taken the place of another. */
export interface Publication extends TableDifference {
  readonly before: ServingTable;
  readonly after: ServingTable;
}

/** Does what follows from a publication. The next change is prepared when it has resolved. */
export type PublicationListener = (publication: Publication) => Promise<void> | void;

export type PreparedChange =
  /** `commit` makes it the table that is served, at once. */
  { readonly ok: true; commit(): void } | { readonly ok: false; readonly faults: readonly CompileFault[] };

/**
 * The table that requests are served by, and how the next one takes its place.
 *
 * 1. `prepare` compiles a change beside the table that is served.
 * 2. `commit` swaps one pointer: requests that begin from now on see the new table.
 * 3. Servers whose state has changed take requests, or no more, from that moment on.
 * 4. What follows (slots of removed servers, probing…) begins at once and goes on in slices; a small change is done
 *    before `commit` returns. Until a removed server's slot is retired, requests of the older table may still go there.
 * 5. The next `prepare` waits for that, and drops what was prepared and never committed. One change at a time.
 */
export class ServingState {
  readonly #options: ServingStateOptions;
  readonly #table = new LatestValue<ServingTable>(emptyTable);
  readonly #listeners = new Set<PublicationListener>();
  readonly #openListeners = new Set<(backend: CompiledBackend) => void>();
  #preparing = false;
  #settled: Promise<unknown> = Promise.resolve();
  /** Prepared and not committed: it holds the slots of servers that are not served yet. */
  #pending: Publication | undefined;

  constructor(options: ServingStateOptions) {
    this.#options = options;
  }

  /** A request reads this when it comes, and again only when it has waited for a server or is tried again. */
  get table(): ReadableValue<ServingTable> {
    return this.#table;
  }

  /** Compiles a change beside the table that is served, in slices. What was prepared before is dropped. */
  async prepare(change: SnapshotChange): Promise<PreparedChange> {
    if (this.#preparing) throw new Error('a change is being prepared already');
    this.#preparing = true;
    try {
      await this.#settled;
      await this.drop();
      const before = this.#table.value;
      const prepared = await prepareTable(before, change, this.#options.slots, this.#options);
      if (!prepared.ok) return prepared;
      const { table: after, servers } = prepared;
      const publication = { before, after, ...servers };
      this.#pending = publication;
      return { ok: true, commit: () => this.#publish(publication) };
    } finally {
      this.#preparing = false;
    }
  }

  /**
   * Prepares the snapshot of the time before a restart. When this release has checked it before, the table is ready in
   * a fraction of the time: its backends are compiled when they are first asked for, and the rest by `complete`.
   */
  async restore(snapshot: RestoredSnapshot): Promise<PreparedChange> {
    if (!snapshot.checked || this.#table.value !== emptyTable) return this.prepare(changeOfRestored(snapshot));
    const { slots, clock = systemClock, random = Math.random, values = new SessionValues() } = this.#options;
    const { traffic = () => new BackendTraffic() } = this.#options;
    const opened = (backend: CompiledBackend) => {
      for (const listener of this.#openListeners) listener(backend);
    };
    const options = { slots, clock, random, values, traffic, opened, slice: this.#slice() };
    const table = await restoreTable(snapshot, options);
    return { ok: true, commit: () => this.#table.set(table) };
  }

  /** Compiles, in slices, what is left of a restored table. Call it before the first `prepare` after a `restore`. */
  async complete(): Promise<void> {
    const restored = this.#table.value;
    const slice = this.#slice();
    const draft = restored.backends.edit();
    for (const [name, backend] of restored.backends.entries()) {
      if (backend instanceof RestoredBackend) draft.set(name, backend.open());
      for (const _candidate of backend.candidates) if (slice.isOver()) await slice.pause();
    }
    if (this.#table.value === restored) this.#table.set({ ...restored, backends: draft.done() });
  }

  /** Backends of the table that is served which are compiled, for those who begin with it and go on with `onOpened`. */
  *openBackends(): Generator<CompiledBackend, void> {
    for (const backend of this.#table.value.backends.values())
      if (!(backend instanceof RestoredBackend) || backend.isOpen) yield backend;
  }

  /** Calls back when a backend of a restored table is compiled, before it is used. Returns how to stop. */
  onOpened(listener: (backend: CompiledBackend) => void): () => void {
    this.#openListeners.add(listener);
    return () => this.#openListeners.delete(listener);
  }

  /** Gives back what a prepared change has acquired that will not be committed. */
  async drop(): Promise<void> {
    const dropped = this.#pending;
    this.#pending = undefined;
    if (dropped !== undefined) await this.#slice().run(this.#giveBack(dropped));
  }

  /** Resolves when all that follows from the last commit is done. */
  get settled(): Promise<void> {
    return this.#settled.then(() => undefined);
  }

  /** Calls back after each swap, before anything else runs. Listeners must not throw. Returns how to stop. */
  onPublish(listener: PublicationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #publish(publication: Publication): void {
    if (publication !== this.#pending) throw new Error('the change was dropped, or committed before');
    this.#pending = undefined;
    this.#table.set(publication.after);
    for (const change of publication.stateChanges) this.#follow(change, publication.after);
    this.#options.drains.keepReturned();
    const retired = this.#slice().run(this.#retire(publication));
    this.#settled = Promise.all([retired, ...[...this.#listeners].map((listener) => listener(publication))]);
  }

  /** A disabled server keeps its slot and drains as one that leaves; one that is active again starts slowly. */
  #follow({ server, before, after: state }: StateChange, { backends }: ServingTable): void {
    const { slots, drains, clock = systemClock } = this.#options;
    if (state === 'active') beginRamp(slots, server, clock.monotonic());
    if (state === 'disabled') {
      slots.suspend(server);
      drains.drain(server, backends.get(server.backend)?.settings.timeouts.drainMs ?? 0);
    } else if (before === 'disabled') {
      slots.resume(server);
    }
  }

  *#giveBack({ added }: Publication): Generator<void, void> {
    for (const { key } of added) yield this.#options.slots.retire(key);
  }

  *#retire({ before, after, removed }: Publication): Generator<void, void> {
    const { slots, drains } = this.#options;
    for (const server of removed) {
      const backend = after.backends.get(server.backend) ?? before.backends.get(server.backend);
      slots.retire(server.key);
      yield drains.drain(server, backend?.settings.timeouts.drainMs ?? 0);
    }
  }

  #slice(): TimeSlice {
    return new TimeSlice(this.#options.yieldEveryMs ?? YIELD_EVERY_MS, this.#options.clock);
  }
}
