import type { LoadReport } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { Clock } from '@headgate/shared/clock';

/** Servers in one report, far below the largest message that the control plane takes. */
const SERVERS_PER_REPORT = 2_000;
/** Counts change with every request: they are looked at this often, and what came and went between is not told. */
const PERIOD_MS = 2_000;

/** Where requests and tunnels are under way. */
export interface LoadSource {
  /** Servers, `backend/address:port`, at which there are any, and how many. */
  busy(): Iterable<readonly [server: string, inFlight: number]>;
}

export interface LoadReporterOptions {
  readonly source: LoadSource;
  readonly clock: Clock;
  /** Resolves when the report has left, or with false when the stream has ended. */
  readonly send: (report: LoadReport) => Promise<boolean>;
}

/**
 * Tells one control plane what is in flight at servers: first all of it, then what differs from what was told, two seconds
 * after the report before has left. Requests are not slowed down by it: counts are read that they keep anyway.
 */
export class LoadReporter {
  readonly #options: LoadReporterOptions;
  /** By server, as the control plane knows it. */
  #told: ReadonlyMap<string, number> = new Map();
  #cancelTimer: () => void = () => undefined;
  #stopped = false;

  constructor(options: LoadReporterOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#report(true);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** A full set is told also when it is empty. */
  async #report(full: boolean): Promise<void> {
    const loads = this.#differences();
    for (let at = 0; at < loads.length || (full && at === 0); at += SERVERS_PER_REPORT) {
      const report = { full: full && at === 0, loads: loads.slice(at, at + SERVERS_PER_REPORT) };
      if (this.#stopped || !(await this.#options.send(report))) return;
    }
    if (!this.#stopped) this.#cancelTimer = this.#options.clock.after(PERIOD_MS, () => void this.#report(false));
  }

  /** Told from now on: when a report does not leave, the stream has ended, and this with it. */
  #differences(): LoadReport['loads'] {
    const now = new Map(this.#options.source.busy());
    const loads: LoadReport['loads'] = [];
    for (const [server, inFlight] of now) if (this.#told.get(server) !== inFlight) loads.push({ server, inFlight });
    for (const server of this.#told.keys()) if (!now.has(server)) loads.push({ server, inFlight: 0 });
    this.#told = now;
    return loads;
  }
}
