import { backoffDelay } from '@headgate/shared/backoff';
import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import { nameOutcomes, type NameOutcome, type NameReader, type NameReading } from './name-reader.ts';
import type { NameTable } from './name-table.ts';

export interface NameResolutionOptions {
  /** Where what is found out is written. */
  readonly table: NameTable;
  readonly reader: Pick<NameReader, 'read' | 'close'>;
  /** From one look-up of a name to the next, ± 20 %. */
  readonly refreshMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From 0 (included) to 1. Default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** A name that is looked up again and again. */
interface FollowedName {
  readonly name: string;
  cancelTimer: () => void;
  /** In a row. */
  failures: number;
}

const JITTER = 0.2;
const BACKOFF_BASE_MS = 500;

/** Look-ups under way at once. */
const CONCURRENCY = 16;

/**
 * Looks up the names of servers, each when it comes and then again and again, and writes into the table what it finds:
 * timer → queue → look-up → table → timer. A failure changes nothing of what is known, and is tried again sooner.
 */
export class NameResolution {
  readonly #options: NameResolutionOptions;
  readonly #random: () => number;
  readonly #names = new Map<string, FollowedName>();
  readonly #due = new Set<FollowedName>();
  readonly #counts = Object.fromEntries(nameOutcomes.map((outcome) => [outcome, 0])) as Record<NameOutcome, number>;
  #running = 0;
  #closed = false;

  constructor(options: NameResolutionOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** Look-ups that have ended, by how. */
  get counts(): Readonly<Record<NameOutcome, number>> {
    return this.#counts;
  }

  /** Names that are followed, and those of which no address is known. */
  get load(): { readonly names: number; readonly unresolved: number } {
    const { table } = this.#options;
    const resolved = [...table.known()].filter(({ addresses }) => addresses.length > 0).length;
    return { names: this.#names.size, unresolved: this.#names.size - resolved };
  }

  /** Follows a name from now on. */
  expect(name: string): void {
    if (this.#names.has(name) || this.#closed) return;
    const followed = { name, cancelTimer: () => undefined, failures: 0 };
    this.#names.set(name, followed);
    this.#options.table.expect(name);
    this.#enqueue(followed);
  }

  /** And no longer. */
  forget(name: string): void {
    const followed = this.#names.get(name);
    if (followed === undefined) return;
    this.#names.delete(name);
    this.#due.delete(followed);
    followed.cancelTimer();
    this.#options.table.forget(name);
  }

  /** Nothing is looked up any more; what is known stays. */
  close(): void {
    this.#closed = true;
    for (const { cancelTimer } of this.#names.values()) cancelTimer();
    this.#due.clear();
    this.#options.reader.close();
  }

  #enqueue(followed: FollowedName): void {
    this.#due.add(followed);
    this.#work();
  }

  #work(): void {
    for (const followed of this.#due) {
      if (this.#running >= CONCURRENCY) return;
      this.#due.delete(followed);
      this.#running++;
      void this.#lookUp(followed);
    }
  }

  async #lookUp(followed: FollowedName): Promise<void> {
    const reading = await this.#options.reader.read(followed.name);
    this.#running--;
    if (this.#closed) return;
    if (this.#names.get(followed.name) === followed) this.#take(followed, reading);
    this.#work();
  }

  #take(followed: FollowedName, reading: NameReading): void {
    const { table, clock } = this.#options;
    this.#counts[reading.outcome]++;
    this.#log(followed, reading);
    if (reading.outcome === 'success') {
      followed.failures = 0;
      table.set(followed.name, reading.addresses);
    } else {
      followed.failures++;
      table.fail(followed.name, reading.reason);
    }
    followed.cancelTimer = clock.after(this.#pauseMs(followed), () => this.#enqueue(followed));
  }

  /** The first of several failures, and their end. */
  #log({ name, failures }: FollowedName, reading: NameReading): void {
    const { logger } = this.#options;
    if (reading.outcome === 'success') {
      if (failures > 0) logger.info({ name }, 'the name of a server is resolved again');
    } else if (failures === 0) {
      const { outcome, reason } = reading;
      logger.warn({ name, outcome, reason }, 'the name of a server is not resolved: its addresses of before stay');
    }
  }

  #pauseMs({ failures }: FollowedName): number {
    const { refreshMs } = this.#options;
    if (failures === 0) return refreshMs * (1 + (this.#random() * 2 - 1) * JITTER);
    const limits = { baseMs: Math.min(BACKOFF_BASE_MS, refreshMs), maxMs: refreshMs, random: this.#random };
    return backoffDelay(failures - 1, limits);
  }
}
