import { backoffDelay } from '@headgate/shared/backoff';
import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { Registry } from 'prom-client';
import { TimeSlice } from '../routing/time-slice.ts';
import { BadCopyError } from './bad-copy-error.ts';
import { CopyWriter } from './copy-writer.ts';
import { createDiskCopyMetrics, type DiskCopyMetrics } from './disk-copy-metrics.ts';
import { loadCopy, type LoadedCopy } from './load-copy.ts';
import type { KeptStep } from './snapshot-keeper.ts';
import { StateDirLock } from './state-dir-lock.ts';
import { StateDir } from './state-dir.ts';

export interface DiskCopyOptions {
  /** Made when it is not there, with mode 0700; files get 0600, because snapshots hold what clients must not see. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Steps are gathered for so long before they are written. */
const GATHER_MS = 200;
const RETRY = { baseMs: 1_000, maxMs: 60_000 };
const SLICE_MS = 5;

/**
 * The last good snapshot on disk, for a start without a control plane. It may lag a second behind what was acknowledged.
 *
 * open → load → note, again and again → close. Writing is asynchronous and holds up nothing; when it fails, for want of
 * room or else, the data plane serves on and it is tried again.
 */
export class DiskCopy {
  readonly #options: DiskCopyOptions;
  readonly #dir: StateDir;
  readonly #lock: StateDirLock;
  readonly #metrics: DiskCopyMetrics;
  readonly #highest: number;
  #loaded: number | undefined;
  #writer: CopyWriter | undefined;
  #cancelTimer: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #failures = 0;
  #closed = false;

  private constructor(options: DiskCopyOptions, lock: StateDirLock, highest: number) {
    this.#options = options;
    this.#dir = new StateDir(options.path);
    this.#lock = lock;
    this.#highest = highest;
    this.#metrics = createDiskCopyMetrics(options.registry);
  }

  /**
   * Takes hold of the folder.
   * @throws StateDirLockedError when another process has it, or a system error when it cannot be made or written.
   */
  static async open(options: DiskCopyOptions): Promise<DiskCopy> {
    const dir = new StateDir(options.path);
    await dir.create();
    const lock = await StateDirLock.acquire(options.path);
    return new DiskCopy(options, lock, await dir.highest());
  }

  /**
   * The copies that are whole, newest first. Whoever serves one calls `serves` with it; whoever finds that one cannot be
   * served goes on to the next.
   */
  async *load(): AsyncGenerator<LoadedCopy> {
    const { clock, logger, path } = this.#options;
    for (const number of await this.#dir.copies()) {
      try {
        const copy = await loadCopy(this.#dir, number, new TimeSlice(SLICE_MS, clock));
        if (copy.cut !== undefined)
          logger.warn({ path, copy: number, reason: copy.cut }, 'a disk copy is used in part');
        yield copy;
      } catch (error) {
        if (!(error instanceof BadCopyError)) throw error;
        logger.error({ path, copy: number, reason: error.message }, 'a disk copy is bad; the one before it is tried');
      }
    }
  }

  /** The copy that is served now: it stays until there is a newer one. */
  serves(copy: LoadedCopy): void {
    this.#loaded = copy.number;
    this.#metrics.version.set(copy.snapshot.id.version);
  }

  /** A snapshot has taken the place of another: the copy follows within a second. Returns at once. */
  note(step: KeptStep): void {
    if (this.#closed) return;
    this.#writer ??= new CopyWriter({
      dir: this.#dir,
      clock: this.#options.clock,
      metrics: this.#metrics,
      predecessor: this.#loaded,
      highest: this.#highest,
    });
    this.#writer.note(step);
    this.#schedule(GATHER_MS);
  }

  /** Writes what is still waiting, if that can be done, and lets go of the folder. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#writing;
    if (this.#writer?.behind === true) await this.#write(this.#writer);
    await this.#lock.release();
  }

  #schedule(delayMs: number): void {
    if (this.#closed || this.#cancelTimer !== undefined || this.#writing !== undefined) return;
    if (this.#writer?.behind !== true) return;
    const writer = this.#writer;
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#writing = this.#write(writer).then((nextMs) => {
        this.#writing = undefined;
        this.#schedule(nextMs);
      });
    });
  }

  /** Resolves with how long to wait before the next write. */
  async #write(writer: CopyWriter): Promise<number> {
    try {
      await writer.write();
      if (this.#failures > 0) this.#options.logger.info({ path: this.#options.path }, 'the disk copy is written again');
      this.#failures = 0;
      return GATHER_MS;
    } catch (error) {
      this.#failed(error);
      return backoffDelay(this.#failures - 1, RETRY);
    }
  }

  #failed(error: unknown): void {
    const { logger, path } = this.#options;
    const [reason, failures] = [error instanceof Error ? error.message : String(error), ++this.#failures];
    this.#metrics.failures.inc();
    logger.warn({ path, reason, failures }, 'the disk copy cannot be written; a restart would find an older one');
  }
}
