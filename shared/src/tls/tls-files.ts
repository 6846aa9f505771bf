import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { LookSchedule } from '../files/look-schedule.ts';
import { LatestValue, type ReadableValue } from '../latest-value.ts';
import type { Logger } from '../logger.ts';
import { formatFault, type Checked, type Fault } from '../model/fault.ts';
import { checkTlsMaterial } from './check-tls-material.ts';
import { readTlsSources, type TlsReading } from './read-tls-sources.ts';
import { describeTlsMaterial, type ServerTlsMaterial, type TlsMaterial } from './tls-material.ts';
import { filesOf, type ServerTlsSources, type TlsSources } from './tls-sources.ts';
import { fileWarnings, validityWarnings } from './tls-warnings.ts';

export interface TlsFilesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the files are read though no change was heard of. Default 10 s. */
  readonly pollMs?: number;
  /** How long a change must stand still before it counts. Default 200 ms. */
  readonly settleMs?: number;
}

/** Why the files, as they are now, are not what is in use. */
export interface TlsRefusal {
  readonly faults: readonly Fault[];
  /** Unix time. */
  readonly sinceMs: number;
}

/**
 * TLS material from files that are read again when they change.
 *
 * 1. An event in a file's directory, or the poll, leads to a look: all files are read, and their digest is compared with
 *    that of the last judgement.
 * 2. A new digest must be seen twice, `settleMs` apart: a certificate whose key is still being copied, or a file that is
 *    half written, is then not judged at all.
 * 3. A judgement is about all files together. Good ones become the newest material; bad ones leave the old material in
 *    use, are logged once, and are `lastError` until the files change again.
 */
export class TlsFiles<M extends TlsMaterial = TlsMaterial> {
  readonly #sources: TlsSources;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settleMs: number;
  readonly #material: LatestValue<M>;
  readonly #schedule: LookSchedule;
  #inUse: string;
  #judged: string;
  #settling: { readonly digest: string; readonly sinceMs: number } | undefined;
  #lastError: TlsRefusal | undefined;
  #refusals = 0;
  #warnings: readonly Fault[] = [];
  #closed = false;

  /** Material that has an identity. The faults of files that cannot be used. */
  static forServer(sources: ServerTlsSources, options: TlsFilesOptions): Promise<Checked<TlsFiles<ServerTlsMaterial>>> {
    return TlsFiles.#create<ServerTlsMaterial>(sources, options);
  }

  /** Material that has what the sources have. The faults of files that cannot be used. */
  static forClient(sources: TlsSources, options: TlsFilesOptions): Promise<Checked<TlsFiles>> {
    return TlsFiles.#create<TlsMaterial>(sources, options);
  }

  static async #create<M extends TlsMaterial>(
    sources: TlsSources,
    options: TlsFilesOptions,
  ): Promise<Checked<TlsFiles<M>>> {
    const reading = await readTlsSources(sources);
    const checked = judge<M>(reading);
    if (!checked.ok) return checked;
    return { ok: true, value: new TlsFiles<M>(sources, options, { material: checked.value, reading }) };
  }

  private constructor(
    sources: TlsSources,
    options: TlsFilesOptions,
    first: { readonly material: M; readonly reading: TlsReading },
  ) {
    this.#sources = sources;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#settleMs = options.settleMs ?? 200;
    this.#material = new LatestValue(first.material);
    this.#inUse = this.#judged = first.reading.digest;
    this.#schedule = new LookSchedule({
      clock: options.clock,
      directories: filesOf(sources).map(({ path }) => dirname(path)),
      pollMs: options.pollMs ?? 10_000,
      soonMs: this.#settleMs,
      look: () => this.#look(),
      onUnwatched: (directory, err) =>
        this.#logger.warn({ directory, err }, 'a directory of TLS files cannot be watched: they are polled'),
    });
    this.#warn(first.reading);
  }

  /** What is in use. */
  get material(): ReadableValue<M> {
    return this.#material;
  }

  /** Undefined when the files are what is in use. */
  get lastError(): TlsRefusal | undefined {
    return this.#lastError;
  }

  /** How many changes were refused since the start. */
  get refusals(): number {
    return this.#refusals;
  }

  /** What is odd about the files in use: validity in time, who can read the key. Brought up to date by each look. */
  get warnings(): readonly Fault[] {
    return this.#warnings;
  }

  /** Begins to watch. What changed since the files were first read is found at once. */
  start(): void {
    this.#logger.info(this.#facts(), 'TLS material in use');
    this.#schedule.start();
  }

  /** The material stays as it is from now on. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#schedule.close();
  }

  async #look(): Promise<void> {
    const reading = await readTlsSources(this.#sources);
    if (this.#closed) return;
    if (reading.digest === this.#judged) this.#settling = undefined;
    else if (this.#hasSettled(reading.digest)) this.#judge(reading);
    else this.#schedule.soon();
    if (reading.digest === this.#judged) this.#warn(reading);
  }

  #hasSettled(digest: string): boolean {
    const now = this.#clock.monotonic();
    if (this.#settling?.digest !== digest) this.#settling = { digest, sinceMs: now };
    return now - this.#settling.sinceMs >= this.#settleMs;
  }

  #judge(reading: TlsReading): void {
    this.#judged = reading.digest;
    this.#settling = undefined;
    this.#schedule.renewWatch();
    const checked = judge<M>(reading);
    if (checked.ok) this.#accept(checked.value, reading.digest);
    else this.#refuse(checked.faults);
  }

  #accept(material: M, digest: string): void {
    this.#lastError = undefined;
    if (digest !== this.#inUse) {
      this.#inUse = digest;
      this.#material.set(material);
    }
    this.#logger.info(this.#facts(), 'TLS files have changed and are in use');
  }

  #refuse(faults: readonly Fault[]): void {
    this.#lastError = { faults, sinceMs: this.#clock.now() };
    this.#refusals += 1;
    const errors = faults.map(formatFault);
    this.#logger.error({ ...this.#facts(), errors }, 'TLS files have changed and cannot be used; the old ones stay');
  }

  /** Each warning is logged when it is new. */
  #warn(reading: TlsReading): void {
    const { contents } = reading;
    const warnings = [
      ...(contents.ok ? fileWarnings(contents.value) : []),
      ...validityWarnings(this.#sources, this.#material.value, this.#clock.now()),
    ];
    const known = new Set(this.#warnings.map(formatFault));
    this.#warnings = warnings;
    for (const warning of warnings.map(formatFault)) if (!known.has(warning)) this.#logger.warn(warning);
  }

  #facts(): Readonly<Record<string, unknown>> {
    const files = filesOf(this.#sources).map(({ path }) => path);
    return { files, ...describeTlsMaterial(this.#material.value) };
  }
}

/** Material of a server has an identity because its sources have one, and every file of the sources is in it. */
function judge<M extends TlsMaterial>({ contents }: TlsReading): Checked<M> {
  return (contents.ok ? checkTlsMaterial(contents.value) : contents) as Checked<M>;
}
