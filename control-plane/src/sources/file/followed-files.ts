import { dirname } from 'node:path';
import { every, type Clock } from '@headgate/shared/clock';
import { LookSchedule } from '@headgate/shared/files/look-schedule';
import { SourceError, type DocumentSource, type DocumentSourceContext } from '../source.ts';
import { TextDeliveries } from '../text-deliveries.ts';
import { readTexts, type TextsReading } from './read-texts.ts';

/** How long files must stand still before they count. */
const SETTLE_MS = 100;
/** Files that have not stood still for so long will not be waited for in silence. */
const RESTLESS_MS = 10_000;
/** A look that takes longer is a failure each time that this has passed: a network file system may hang for ever. */
const SLOW_MS = 10_000;
const CLOSE_MS = 900;

/**
 * Texts of files that are read again when they change.
 *
 * 1. An event in the directory, or the poll, leads to a look, which reads everything.
 * 2. What a look finds, an error too, must be found by a second one `SETTLE_MS` later: files that are half written, half
 *    replaced or between two names are then neither delivered nor missed.
 * 3. What has settled is delivered or said to have failed, by this look and by every poll that finds the same.
 */
export class FollowedFiles implements DocumentSource {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #deliveries: TextDeliveries;
  readonly #schedule: LookSchedule;
  readonly #closing = new AbortController();
  #settled: string | undefined;
  #settling: { readonly stamp: string; readonly sinceMs: number } | undefined;
  #restlessSinceMs: number | undefined;

  constructor({ path, pollMs }: { readonly path: string; readonly pollMs: number }, context: DocumentSourceContext) {
    this.#path = path;
    this.#clock = context.clock;
    this.#deliveries = new TextDeliveries(context);
    this.#schedule = new LookSchedule({
      clock: context.clock,
      // The path may be a file, a directory, or a symlink to either that is swapped: its own watch and that of where it
      // stands hear of all of these. The one on a file hears little that the other does not, and costs nothing.
      directories: [dirname(path), path],
      pollMs,
      soonMs: SETTLE_MS,
      look: () => this.#look(),
      onUnwatched: (directory, err) =>
        context.logger.debug({ directory, err }, 'a path of documents cannot be watched: it is polled'),
    });
  }

  start(): void {
    this.#schedule.start();
  }

  async close(): Promise<void> {
    this.#deliveries.close();
    this.#closing.abort();
    let cancel = (): void => undefined;
    // A read that hangs cannot be ended; what it brings is not taken any more.
    const patience = new Promise<void>((resolve) => (cancel = this.#clock.after(CLOSE_MS, resolve)));
    await Promise.race([this.#schedule.close(), patience]);
    cancel();
  }

  async #look(): Promise<void> {
    const slow = new SourceError(`${this.#path} could not be read within ${SLOW_MS / 1_000} s`);
    const stopComplaining = every(this.#clock, SLOW_MS, () => this.#deliveries.fail(slow));
    try {
      const reading = await readTexts(this.#path, this.#closing.signal);
      if (!this.#closing.signal.aborted) this.#judge(reading);
    } finally {
      stopComplaining();
    }
  }

  #judge(reading: TextsReading): void {
    if (reading.stamp !== this.#settled && !this.#settles(reading.stamp)) {
      this.#waitFor();
      return;
    }
    this.#settling = this.#restlessSinceMs = undefined;
    if (this.#settled !== reading.stamp) this.#schedule.renewWatch();
    this.#settled = reading.stamp;
    if (reading.texts.ok) this.#deliveries.take(reading.texts.value);
    else this.#deliveries.fail(reading.texts.error);
  }

  #settles(stamp: string): boolean {
    const now = this.#clock.monotonic();
    if (this.#settling?.stamp !== stamp) this.#settling = { stamp, sinceMs: now };
    return now - this.#settling.sinceMs >= SETTLE_MS;
  }

  #waitFor(): void {
    const now = this.#clock.monotonic();
    this.#restlessSinceMs ??= now;
    if (now - this.#restlessSinceMs >= RESTLESS_MS) {
      this.#restlessSinceMs = now;
      this.#deliveries.fail(new SourceError(`${this.#path} has not stood still for ${RESTLESS_MS / 1_000} s`));
    }
    this.#schedule.soon();
  }
}
