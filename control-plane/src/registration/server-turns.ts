import type { ServerDocument } from '@headgate/shared/model/server';
import type { LeaseName } from './lease.ts';

/** A write of one server that is under way. */
export interface Turn {
  /** What the server is to be; undefined: it leaves. */
  readonly document: ServerDocument | undefined;
  /** Rejects when the write has failed. */
  readonly done: Promise<void>;
}

/** At most one write of each server is under way: who wants the same waits for it, who wants something else comes after it. */
export class ServerTurns {
  readonly #turns = new Map<string, Turn>();

  of(name: LeaseName): Turn | undefined {
    return this.#turns.get(keyOf(name));
  }

  /** Takes the turns of servers that have none. `ended` is called for each when `done` has ended, before whoever waits goes on. */
  take(
    changes: readonly (LeaseName & Pick<Turn, 'document'>)[],
    done: Promise<void>,
    ended: (name: LeaseName) => void,
  ): Promise<void> {
    const end = (): void => {
      for (const name of changes) {
        this.#turns.delete(keyOf(name));
        ended(name);
      }
    };
    const settled = done.then(end, (error: unknown) => {
      end();
      throw error;
    });
    settled.catch(() => undefined);
    for (const change of changes) this.#turns.set(keyOf(change), { document: change.document, done: settled });
    return settled;
  }

  /** Servers of a backend, by address:port, that are to come or change. */
  coming(backend: string): readonly string[] {
    const prefix = `${backend}/`;
    return [...this.#turns]
      .filter(([key, { document }]) => document !== undefined && key.startsWith(prefix))
      .map(([key]) => key.slice(prefix.length));
  }

  /** Resolves when none is under way of those that are now. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#turns.values()].map(({ done }) => done));
  }
}

function keyOf({ backend, endpoint }: LeaseName): string {
  return `${backend}/${endpoint}`;
}
