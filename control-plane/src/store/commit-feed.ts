import type { Commit } from './store.ts';

interface Watcher {
  readonly listener: (commit: Commit) => void;
  /** The newest revision that it has been shown. */
  last: number;
  stopped: boolean;
}

export interface CommitFeedOptions {
  /** Every durable commit after a revision, oldest first. */
  readonly readAfter: (revision: number) => Iterable<Commit>;
  /** Hears of listeners that throw: that is a bug, and no reason to keep the commit from the others. */
  readonly onListenerError: (error: unknown) => void;
}

/**
 * Shows every commit to every watcher once and in order, whatever listeners do meanwhile: commit, watch or stop.
 *
 * A watcher of the past is first shown what is durable, read anew until nothing is left, then what is published. All of
 * it is synchronous, so that nothing falls between the two.
 */
export class CommitFeed {
  readonly #options: CommitFeedOptions;
  readonly #watchers = new Set<Watcher>();
  readonly #queue: Commit[] = [];
  #publishing = false;

  constructor(options: CommitFeedOptions) {
    this.#options = options;
  }

  watch(fromRevision: number, listener: (commit: Commit) => void): () => void {
    const watcher = { listener, last: fromRevision, stopped: false };
    while (this.#showPast(watcher));
    this.#watchers.add(watcher);
    return () => {
      watcher.stopped = true;
      this.#watchers.delete(watcher);
    };
  }

  /** Called after each commit. One that a listener makes waits until all have been shown the one before. */
  publish(commit: Commit): void {
    this.#queue.push(commit);
    if (this.#publishing) return;
    this.#publishing = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      for (const watcher of [...this.#watchers]) this.#show(watcher, next);
    }
    this.#publishing = false;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.stopped = true;
    this.#watchers.clear();
  }

  /** Whether there was something to show. */
  #showPast(watcher: Watcher): boolean {
    const before = watcher.last;
    for (const commit of [...this.#options.readAfter(watcher.last)]) this.#show(watcher, commit);
    return watcher.last > before;
  }

  #show(watcher: Watcher, commit: Commit): void {
    if (watcher.stopped || commit.revision <= watcher.last) return;
    watcher.last = commit.revision;
    try {
      watcher.listener(commit);
    } catch (error) {
      this.#options.onListenerError(error);
    }
  }
}
