import type { ServerStatements } from './server-statements.ts';
import type { Standing } from './standing.ts';

/** How many servers stand how. */
export type StandingCounts = Readonly<Record<Standing, number>>;

export const noServers: StandingCounts = Object.freeze({
  ...{ healthy: 0, unhealthy: 0, ejected: 0, disputed: 0, flapping: 0, unknown: 0 },
});

interface BackendStatements {
  readonly servers: Map<string, ServerStatements>;
  /** Of those that have a standing. */
  readonly counts: Record<Standing, number>;
}

const nobody: ReadonlyMap<string, ServerStatements> = new Map();

/** Statements about servers by backend, counted by how the servers stand. */
export class StatementTable {
  readonly #backends = new Map<string, BackendStatements>();

  /** Backends about whose servers there are statements. */
  backends(): Iterable<string> {
    return this.#backends.keys();
  }

  /** By `address:port`. */
  servers(backend: string): ReadonlyMap<string, ServerStatements> {
    return this.#backends.get(backend)?.servers ?? nobody;
  }

  *values(): Generator<ServerStatements> {
    for (const { servers } of this.#backends.values()) yield* servers.values();
  }

  counts(backend: string): StandingCounts {
    return this.#backends.get(backend)?.counts ?? noServers;
  }

  add(statements: ServerStatements): void {
    let backend = this.#backends.get(statements.backend);
    if (backend === undefined) {
      backend = { servers: new Map(), counts: { ...noServers } };
      this.#backends.set(statements.backend, backend);
    }
    backend.servers.set(statements.endpoint, statements);
    if (statements.standing !== undefined) backend.counts[statements.standing]++;
  }

  /** The server stands otherwise from now on; undefined when it is configured no more. */
  move(statements: ServerStatements, standing: Standing | undefined): void {
    const counts = this.#backends.get(statements.backend)?.counts;
    if (counts === undefined) return;
    if (statements.standing !== undefined) counts[statements.standing]--;
    if (standing !== undefined) counts[standing]++;
    statements.standing = standing;
  }

  remove(statements: ServerStatements): void {
    const backend = this.#backends.get(statements.backend);
    if (backend?.servers.get(statements.endpoint) !== statements) return;
    this.move(statements, undefined);
    backend.servers.delete(statements.endpoint);
    if (backend.servers.size === 0) this.#backends.delete(statements.backend);
  }
}
