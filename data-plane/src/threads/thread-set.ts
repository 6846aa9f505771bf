import type { Clock } from '@headgate/shared/clock';
import { Conditions } from './conditions.ts';
import type { ThreadHandle } from './thread-handle.ts';
import type { ToThread } from './thread-messages.ts';

/** The threads of the process that there are at the moment, by number. */
export class ThreadSet {
  readonly #conditions: Conditions;
  readonly #threads = new Map<number, ThreadHandle>();

  constructor(clock: Clock) {
    this.#conditions = new Conditions(clock);
  }

  get(number: number): ThreadHandle | undefined {
    return this.#threads.get(number);
  }

  add(thread: ThreadHandle): void {
    this.#threads.set(thread.number, thread);
  }

  remove(thread: ThreadHandle): void {
    if (this.#threads.get(thread.number) === thread) this.#threads.delete(thread.number);
    this.look();
  }

  get all(): readonly ThreadHandle[] {
    return [...this.#threads.values()];
  }

  post(message: ToThread): void {
    for (const thread of this.#threads.values()) thread.post(message);
  }

  /** Resolves when it is so of every thread there is, with those of which it was not within the time. */
  async until(isSo: (thread: ThreadHandle) => boolean, withinMs: number): Promise<readonly ThreadHandle[]> {
    await this.#conditions.until(() => this.all.every(isSo), withinMs);
    return this.all.filter((thread) => !isSo(thread));
  }

  /** Something about a thread has changed. */
  look(): void {
    this.#conditions.look();
  }
}
