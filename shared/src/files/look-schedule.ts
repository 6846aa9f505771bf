import { every, type Clock } from '../clock.ts';
import { DirectoryWatch } from './directory-watch.ts';

export interface LookScheduleOptions {
  readonly clock: Clock;
  /** Where the files are. */
  readonly directories: readonly string[];
  /** How often to look though nothing was heard of. */
  readonly pollMs: number;
  /** How long after an event: one look is for a whole burst of them. */
  readonly soonMs: number;
  readonly look: () => Promise<void>;
  /** A directory cannot be watched, so that its files are seen by the poll alone. */
  readonly onUnwatched: (directory: string, error: unknown) => void;
}

/** Says when to look at files that may have changed. One look at a time: what changes during one is seen by the next. */
export class LookSchedule {
  readonly #options: LookScheduleOptions;
  readonly #watch: DirectoryWatch;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #cancelPoll: (() => void) | undefined;
  #cancelSoon: (() => void) | undefined;
  #closed = false;

  constructor(options: LookScheduleOptions) {
    this.#options = options;
    const { directories, onUnwatched } = options;
    this.#watch = new DirectoryWatch({ directories, onEvent: () => this.soon(), onError: onUnwatched });
  }

  /** Looks now and from now on. */
  start(): void {
    const { clock, pollMs } = this.#options;
    this.#watch.renew();
    this.#cancelPoll = every(clock, pollMs, () => this.#look());
    this.#look();
  }

  /** Looks in `soonMs`, or sooner when that is due already. */
  soon(): void {
    if (this.#closed) return;
    this.#cancelSoon ??= this.#options.clock.after(this.#options.soonMs, () => {
      this.#cancelSoon = undefined;
      this.#look();
    });
  }

  /** Something has changed. The watch may have missed it: then it looks at a directory that has lost its name. */
  renewWatch(): void {
    this.#watch.renew();
  }

  /** Resolves when no look is under way and none will be. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watch.close();
    this.#cancelPoll?.();
    this.#cancelSoon?.();
    await this.#looking;
  }

  #look(): void {
    this.#lookAgain = this.#looking !== undefined;
    this.#looking ??= this.#options.look().finally(() => {
      this.#looking = undefined;
      if (this.#lookAgain && !this.#closed) this.#look();
    });
  }
}
