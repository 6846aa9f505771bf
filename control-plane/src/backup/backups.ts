import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import { mkdirSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../store/private-file.ts';
import { StoreFullError } from '../store/store.ts';
import type { BackupMetrics } from './backup-metrics.ts';
import { formatBackupName } from './backup-name.ts';
import { listBackups, type Backup } from './list-backups.ts';
import { runBackup } from './run-backup.ts';

/** A control plane that has just started has more urgent things to do. */
const START_DELAY_MS = 60_000;
/** After a failure it is tried again sooner than usual. */
const RETRY_MS = 10 * 60_000;
const PARTIAL = /^headgate-backup\.partial/;

export interface BackupsOptions {
  /** The database of the store. */
  readonly source: string;
  readonly directory: string;
  /** So many are kept. */
  readonly keep: number;
  /** Undefined: only on request. */
  readonly intervalMs: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: BackupMetrics;
}

export interface MadeBackup extends Backup {
  /** Names of secrets that it lacks, because they were not encrypted. */
  readonly leftOut: readonly string[];
}

export interface BackupFailure {
  /** Unix time in milliseconds. */
  readonly at: number;
  /** full: the disk has no room. The log tells more. */
  readonly reason: 'full' | 'failed';
}

/**
 * Backups of the store: periodic ones and those that somebody asks for, one at a time.
 *
 * One is written under another name, verified and made durable, and only then gets its name: what has the name of a
 * backup is one. Older ones are removed after that, never before.
 */
export class Backups {
  readonly #options: BackupsOptions;
  readonly #stop = new AbortController();
  #running: Promise<MadeBackup> | undefined;
  #next: Promise<MadeBackup> | undefined;
  #cancelTimer: () => void = () => undefined;
  #lastFailure: BackupFailure | undefined;

  private constructor(options: BackupsOptions) {
    this.#options = options;
  }

  /** Takes note of the backups that there are. A directory that cannot be used is no reason not to start. */
  static async create(options: BackupsOptions): Promise<Backups> {
    const backups = new Backups(options);
    try {
      await removePartials(options.directory);
      backups.#observe((await listBackups(options.directory)).at(-1));
    } catch (error) {
      options.logger.warn({ err: error, directory: options.directory }, 'the backups cannot be looked at');
    }
    return backups;
  }

  /** Makes the periodic ones from now on: the first when the newest is older than the interval. */
  async start(): Promise<void> {
    const { intervalMs, clock } = this.#options;
    if (intervalMs === undefined) return;
    const newest = (await this.list().catch(() => [])).at(-1);
    const age = newest === undefined ? intervalMs : clock.now() - newest.createdAt;
    // A backup of the future says that the clock has jumped, and nothing about its age.
    this.#schedule(Math.max(START_DELAY_MS, age < 0 ? 0 : intervalMs - age));
  }

  /** Ends one that is being written; it leaves nothing. */
  async close(): Promise<void> {
    this.#cancelTimer();
    this.#stop.abort();
    await Promise.allSettled([this.#running, this.#next]);
  }

  /** The oldest first. */
  list(): Promise<readonly Backup[]> {
    return listBackups(this.#options.directory);
  }

  /** Of the newest try, when that has failed. */
  get lastFailure(): BackupFailure | undefined {
    return this.#lastFailure;
  }

  /**
   * Makes a backup that holds every change that was acknowledged by now. Who asks while one is being made waits for the
   * next, together with all others who wait.
   *
   * @throws StoreFullError, StoreFailedError
   */
  make(): Promise<MadeBackup> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#run();
    this.#next = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#run();
      });
    return this.#next;
  }

  #run(): Promise<MadeBackup> {
    this.#running = this.#makeNow().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #makeNow(): Promise<MadeBackup> {
    const { metrics, logger, clock } = this.#options;
    try {
      const made = await this.#write();
      metrics.made.inc({ result: 'ok' });
      this.#lastFailure = undefined;
      this.#observe(made);
      logger.info({ backup: made.name, revision: made.revision, bytes: made.size }, 'a backup was made');
      await this.#removeOld(made);
      return made;
    } catch (error) {
      metrics.made.inc({ result: 'failed' });
      this.#lastFailure = { at: clock.now(), reason: error instanceof StoreFullError ? 'full' : 'failed' };
      logger.error({ err: error }, 'a backup failed');
      throw error;
    }
  }

  async #write(): Promise<MadeBackup> {
    const { source, directory, clock } = this.#options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await removePartials(directory);
    const target = join(directory, 'headgate-backup.partial');
    const { head, leftOut, size } = await runBackup({ source, target }, this.#stop.signal).catch(
      async (error: unknown) => {
        await removePartials(directory);
        throw error;
      },
    );
    const number = ((await this.list()).at(-1)?.number ?? 0) + 1;
    const named = { number, createdAt: Math.floor(clock.now() / 1_000) * 1_000, revision: head.revision };
    const name = formatBackupName(named);
    await rename(target, join(directory, name));
    syncDirectory(directory);
    return { ...named, name, size, leftOut };
  }

  /** What cannot be removed is in nobody's way but the disk's: said, and no failure of the new one. */
  async #removeOld(made: Backup): Promise<void> {
    const { directory, keep, logger } = this.#options;
    try {
      const old = (await this.list()).filter(({ number }) => number < made.number).slice(0, -(keep - 1) || undefined);
      for (const { name } of old) await rm(join(directory, name));
    } catch (error) {
      logger.warn({ err: error, directory }, 'an old backup cannot be removed');
    }
  }

  #schedule(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    const { clock, intervalMs = 0 } = this.#options;
    this.#cancelTimer = clock.after(delayMs, () => {
      void this.make().then(
        () => this.#schedule(intervalMs),
        () => this.#schedule(Math.min(intervalMs, RETRY_MS)),
      );
    });
  }

  #observe(newest: Backup | undefined): void {
    this.#options.metrics.newestSeconds.set((newest?.createdAt ?? 0) / 1_000);
    this.#options.metrics.newestBytes.set(newest?.size ?? 0);
  }
}

async function removePartials(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((found) => PARTIAL.test(found))) await rm(join(directory, name), { force: true });
}
