import { rename, rm, writeFile } from 'node:fs/promises';
import { every, type Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { HealthTable } from './health-table.ts';
import { writeVerdicts } from './verdict-document.ts';

/** Changed verdicts are written at most this often. */
const PERIOD_MS = 5_000;
/** So is an unchanged file, to stay young: after a crash its age counts from here. */
const REFRESH_MS = 20_000;

export interface VerdictCopyOptions {
  readonly table: HealthTable;
  /** A file in a folder that exists. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Keeps the verdicts in a file (mode 0600), so that a data plane that restarts knows dead servers at once. It is put in
 * place whole by renaming, and not forced onto the medium: after a power cut a damaged file is no worse than none.
 */
export class VerdictCopy {
  readonly #options: VerdictCopyOptions;
  #cancel: () => void = () => undefined;
  #writing: Promise<void> | undefined;
  #savedRevision: number;
  #savedAt: number;
  #failed = false;

  constructor(options: VerdictCopyOptions) {
    this.#options = options;
    this.#savedRevision = options.table.revision;
    this.#savedAt = options.clock.monotonic();
  }

  start(): void {
    this.#cancel = every(this.#options.clock, PERIOD_MS, () => void this.#saveIfDue());
  }

  /** Writes once more. */
  async close(): Promise<void> {
    this.#cancel();
    await this.#writing;
    if (this.#isNeeded()) await this.#save();
  }

  async #saveIfDue(): Promise<void> {
    const { table, clock } = this.#options;
    if (this.#writing !== undefined || !this.#isNeeded()) return;
    const changed = table.revision !== this.#savedRevision;
    if (changed || clock.monotonic() - this.#savedAt >= REFRESH_MS) await this.#save();
  }

  /** Where nothing is probed, and never was, there is no file. */
  #isNeeded(): boolean {
    const { table } = this.#options;
    return table.size > 0 || table.revision !== this.#savedRevision;
  }

  async #save(): Promise<void> {
    this.#writing = this.#write();
    await this.#writing;
    this.#writing = undefined;
  }

  /** Never fails: verdicts are a help, no more. */
  async #write(): Promise<void> {
    const { table, clock, path, logger } = this.#options;
    const [revision, at] = [table.revision, clock.monotonic()];
    try {
      await replaceFile(path, writeVerdicts(table.values(), clock.now()));
      this.#savedRevision = revision;
      this.#savedAt = at;
      if (this.#failed) logger.info({ path }, 'health verdicts can be kept on disk again');
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) logger.warn({ err: error, path }, 'health verdicts cannot be kept on disk');
      this.#failed = true;
    }
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true }); // one that is there keeps its mode
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
