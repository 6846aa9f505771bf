import type { Deviation, DeviationSource } from './deviation-source.ts';

/** Deviations that a test sets by hand. */
export class DeviationSet implements DeviationSource {
  readonly #deviations = new Map<string, Deviation>();
  readonly #listeners = new Set<(server: string) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  set(server: string, lastError = 'refused', ejected = false): void {
    this.#deviations.set(server, { server, verdict: 'unhealthy', sinceMs: 5, lastError, ejected });
    for (const listener of this.#listeners) listener(server);
  }

  clear(server: string): void {
    this.#deviations.delete(server);
    for (const listener of this.#listeners) listener(server);
  }

  all(): Iterable<Deviation> {
    return this.#deviations.values();
  }

  get(server: string): Deviation | undefined {
    return this.#deviations.get(server);
  }

  onChange(listener: (server: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
