import { systemClock } from '@headgate/shared/clock';
import { createLogger } from '@headgate/shared/logger';
import { SourceError, type SourceContext, type SourceSink } from './source.ts';

const DEADLINE_MS = 20_000;

/** A sink that remembers what it was told, and lets tests wait for more. */
export class RecordedSink<T> implements SourceSink<T> {
  readonly deliveries: T[] = [];
  readonly failures: SourceError[] = [];
  readonly #waiting = new Set<() => void>();

  deliver(wanted: T): void {
    this.deliveries.push(wanted);
    this.#wake();
  }

  failed(error: SourceError): void {
    this.failures.push(error);
    this.#wake();
  }

  get newest(): T | undefined {
    return this.deliveries.at(-1);
  }

  /** Resolves once the condition holds; it is looked at after every delivery and failure. */
  async until(what: string, holds: (sink: this) => boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!holds(this)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what}: did not happen within ${DEADLINE_MS} ms; last said: ${this.#last()}`);
      await this.#next(left);
    }
  }

  /** Resolves at the next failure that comes from now on. */
  async nextFailure(): Promise<SourceError> {
    const before = this.failures.length;
    await this.until('the source fails', () => this.failures.length > before);
    return this.failures.at(-1)!;
  }

  #next(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }

  #last(): string {
    return JSON.stringify({ newest: this.newest, failure: this.failures.at(-1)?.message }).slice(0, 2_000);
  }
}

/** The context of a source under test: a recorded sink, the machine's clock, secrets by name. */
export function recordedContext<T>(
  sink: RecordedSink<T>,
  secrets: ReadonlyMap<string, string> = new Map(),
): SourceContext<T> {
  return {
    sink,
    clock: systemClock,
    logger: createLogger('test', 'silent'),
    async secret(name) {
      const value = secrets.get(name);
      if (value === undefined) throw new SourceError(`there is no secret ${name}`);
      return Buffer.from(value);
    },
  };
}
