import type { Clock } from '@headgate/shared/clock';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { DrainTimers } from '../upstream/drain-timers.ts';
import type { ServerSlots } from '../upstream/server-slots.ts';
import { prepareTable } from './compile-table.ts';
import { emptyTable } from './empty-table.ts';
import type { CompileFault, ServingTable, SnapshotChange, TableDifference } from './serving-table.ts';
import { TimeSlice, YIELD_EVERY_MS } from './time-slice.ts';

export interface ServingStateOptions {
  readonly slots: ServerSlots;
  readonly drains: DrainTimers;
  /** How long preparing may hold the event loop at a time. Default 5. */
  readonly yieldEveryMs?: number | undefined;
  readonly clock?: Clock | undefined;
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
 * 3. What follows (slots of removed servers, probing…) begins at once and goes on in slices; a small change is done
 *    before `commit` returns. Until a removed server's slot is retired, requests of the older table may still go there.
 * 4. The next `prepare` waits for that, and drops what was prepared and never committed. One change at a time.
 */
export class ServingState {
  readonly #options: ServingStateOptions;
  readonly #table = new LatestValue<ServingTable>(emptyTable);
  readonly #listeners = new Set<PublicationListener>();
  #preparing = false;
  #settled: Promise<unknown> = Promise.resolve();
  /** Prepared and not committed: it holds the slots of servers that are not served yet. */
  #pending: Publication | undefined;

  constructor(options: ServingStateOptions) {
    this.#options = options;
  }

  /** A request reads this once. */
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
    this.#options.drains.keepReturned();
    const retired = this.#slice().run(this.#retire(publication));
    this.#settled = Promise.all([retired, ...[...this.#listeners].map((listener) => listener(publication))]);
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
