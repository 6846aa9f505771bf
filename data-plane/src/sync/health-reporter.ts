import { Verdict, type HealthReport } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { Clock } from '@headgate/shared/clock';
import type { Deviation, DeviationSource } from './deviation-source.ts';

/** Servers in one report, far below the largest message that the control plane takes. */
const SERVERS_PER_REPORT = 2_000;
/** Changes are told at most this often. */
const PERIOD_MS = 200;
const ERROR_CHARACTERS = 500;

export interface HealthReporterOptions {
  readonly source: DeviationSource;
  readonly clock: Clock;
  /** Resolves when the report has left, or with false when the stream has ended. */
  readonly send: (report: HealthReport) => Promise<boolean>;
}

/**
 * Tells one control plane which servers are not healthy: first all of them, then what changes, gathered over 200 ms. The
 * next report waits for the one before to leave; meanwhile changes of one server become one.
 */
export class HealthReporter {
  readonly #options: HealthReporterOptions;
  readonly #changed = new Set<string>();
  #stopListening: () => void = () => undefined;
  #cancelTimer: (() => void) | undefined;
  #sending = false;
  #stopped = false;

  constructor(options: HealthReporterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopListening = this.#options.source.onChange((server) => this.#note(server));
    void this.#sendAll();
  }

  stop(): void {
    this.#stopped = true;
    this.#stopListening();
    this.#cancelTimer?.();
  }

  #note(server: string): void {
    this.#changed.add(server);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#stopped || this.#sending || this.#cancelTimer !== undefined || this.#changed.size === 0) return;
    this.#cancelTimer = this.#options.clock.after(PERIOD_MS, () => {
      this.#cancelTimer = undefined;
      void this.#sendChanges();
    });
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    let report: HealthReport = { full: true, deviations: [], cleared: [] };
    // A copy: the set may change while reports wait to leave.
    for (const deviation of [...this.#options.source.all()]) {
      if (report.deviations.length === SERVERS_PER_REPORT) {
        if (!(await this.#send(report))) return;
        report = { full: false, deviations: [], cleared: [] };
      }
      report.deviations.push(wireDeviation(deviation));
    }
    if (await this.#send(report)) this.#sent();
  }

  async #sendChanges(): Promise<void> {
    this.#sending = true;
    const report: HealthReport = { full: false, deviations: [], cleared: [] };
    for (const server of this.#changed) {
      if (report.deviations.length + report.cleared.length === SERVERS_PER_REPORT) break;
      this.#changed.delete(server);
      const deviation = this.#options.source.get(server);
      if (deviation === undefined) report.cleared.push(server);
      else report.deviations.push(wireDeviation(deviation));
    }
    if (await this.#send(report)) this.#sent();
  }

  async #send(report: HealthReport): Promise<boolean> {
    return !this.#stopped && (await this.#options.send(report));
  }

  #sent(): void {
    this.#sending = false;
    this.#schedule();
  }
}

function wireDeviation(deviation: Deviation): HealthReport['deviations'][number] {
  return {
    server: deviation.server,
    verdict: deviation.verdict === 'unhealthy' ? Verdict.VERDICT_UNHEALTHY : Verdict.VERDICT_UNKNOWN,
    sinceMs: Math.max(0, Math.round(deviation.sinceMs)),
    lastError: deviation.lastError.slice(0, ERROR_CHARACTERS),
    ejected: deviation.ejected ?? false,
  };
}
