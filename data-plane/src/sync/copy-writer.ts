import type { Clock } from '@headgate/shared/clock';
import { TimeSlice } from '../routing/time-slice.ts';
import type { DiskCopyMetrics } from './disk-copy-metrics.ts';
import { writeStep, type JournalStep } from './disk-copy-format.ts';
import { JournalFile } from './journal-file.ts';
import { journalStep } from './journal-step.ts';
import type { Kept, KeptStep } from './snapshot-keeper.ts';
import type { StateDir } from './state-dir.ts';
import { writeBase } from './write-base.ts';

export interface CopyWriterOptions {
  readonly dir: StateDir;
  readonly clock: Clock;
  readonly metrics: DiskCopyMetrics;
  /** Number of the copy that a fall back needs: it is kept until the next base is in place. */
  readonly predecessor: number | undefined;
  /** No file has a higher number. */
  readonly highest: number;
}

const JOURNAL_BYTES = 1_024 * 1_024;
const SLICE_MS = 5;

/**
 * What is to be written, and writing it.
 *
 * 1. The first step after a start, a step that replaces everything, and one after a failure need a new base: nothing is
 *    appended to a file whose end is not known to be whole.
 * 2. A base takes what is held when it is begun. Steps that come meanwhile are for its journal.
 * 3. When the journal has outgrown both its base and 1 MiB, so that reading it costs more than it saves, a new base is
 *    written; so it is when more waits to be written than that.
 * 4. A new base makes the copy before it the predecessor; older ones are removed.
 */
export class CopyWriter {
  readonly #options: CopyWriterOptions;
  #number: number;
  #predecessor: number | undefined;
  #journal: JournalFile | undefined;
  #baseBytes = 0;
  #latest: Kept | undefined;
  #needsBase = true;
  #waiting: JournalStep[] = [];
  #waitingBytes = 0;

  constructor(options: CopyWriterOptions) {
    this.#options = options;
    this.#number = options.highest;
    this.#predecessor = options.predecessor;
  }

  /** Whether there is anything that is not on the medium. */
  get behind(): boolean {
    return this.#latest !== undefined && (this.#needsBase || this.#waiting.length > 0);
  }

  note(step: KeptStep): void {
    this.#latest = { held: step.held, leftEpochs: step.leftEpochs };
    if (this.#needsBase) return;
    const record = journalStep(step, this.#options.clock.now());
    if (record === undefined) return this.#wantBase();
    this.#waiting.push(record);
    for (const { body } of record.upserts) this.#waitingBytes += body.length;
    if (this.#waitingBytes > this.#journalLimit()) this.#wantBase();
  }

  /** Brings the copy up to date. Rejects when that fails; then the next attempt begins with a new base. */
  async write(): Promise<void> {
    try {
      if (this.#needsBase) await this.#writeBase();
      else await this.#appendSteps();
    } catch (error) {
      this.#wantBase();
      throw error;
    }
    if ((this.#journal?.bytes ?? 0) > this.#journalLimit()) this.#wantBase();
  }

  async #writeBase(): Promise<void> {
    const { dir, clock, metrics } = this.#options;
    const kept = this.#latest;
    if (kept === undefined) return;
    this.#needsBase = false;
    const number = ++this.#number;
    const slice = new TimeSlice(SLICE_MS, clock);
    this.#baseBytes = await writeBase({ dir, number, kept, savedAt: clock.now(), slice });
    this.#journal = new JournalFile(dir, number);
    // A file that cannot be removed does no harm: the next base tries again.
    await dir.removeExcept(new Set([number, this.#predecessor ?? number])).catch(() => undefined);
    this.#predecessor = number;
    metrics.bytes.inc({ file: 'base' }, this.#baseBytes);
    metrics.version.set(kept.held.id.version);
  }

  async #appendSteps(): Promise<void> {
    const { metrics } = this.#options;
    const steps = this.#waiting;
    const journal = this.#journal;
    if (journal === undefined || steps.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const before = journal.bytes;
    await journal.append(await this.#encode(steps));
    metrics.bytes.inc({ file: 'journal' }, journal.bytes - before);
    metrics.version.set(steps.at(-1)?.header.version ?? 0);
  }

  async #encode(steps: readonly JournalStep[]): Promise<readonly Buffer[]> {
    const slice = new TimeSlice(SLICE_MS, this.#options.clock);
    const records: Buffer[] = [];
    for (const step of steps) {
      records.push(writeStep(step));
      await slice.pause();
    }
    return records;
  }

  #wantBase(): void {
    this.#needsBase = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #journalLimit(): number {
    return Math.max(JOURNAL_BYTES, this.#baseBytes);
  }
}
