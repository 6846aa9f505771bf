import type { MembershipCommit } from './store.ts';

type Listener = (commit: MembershipCommit) => void;

/** Shows every change of membership to every watcher once and in order, also one that a watcher makes meanwhile. */
export class MembershipFeed {
  readonly #listeners = new Set<Listener>();
  readonly #queue: MembershipCommit[] = [];
  readonly #onListenerError: (error: unknown) => void;
  #publishing = false;

  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  watch(listener: Listener): () => void {
    const own: Listener = (commit) => listener(commit);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  publish(commit: MembershipCommit): void {
    this.#queue.push(commit);
    if (this.#publishing) return;
    this.#publishing = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      for (const listener of [...this.#listeners]) this.#show(listener, next);
    }
    this.#publishing = false;
  }

  close(): void {
    this.#listeners.clear();
  }

  #show(listener: Listener, commit: MembershipCommit): void {
    try {
      listener(commit);
    } catch (error) {
      this.#onListenerError(error);
    }
  }
}
