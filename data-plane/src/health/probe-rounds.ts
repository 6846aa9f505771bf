import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { HealthCheck } from '@headgate/shared/model/health-check';
import type { ServerNames } from '../resolution/name-table.ts';
import { verdict, type ServerSlot } from '../upstream/server-slots.ts';
import { EventRate } from './event-rate.ts';
import type { HealthTable, KnownVerdict } from './health-table.ts';
import { probeHttp } from './probe-http.ts';
import { ProbeQueue } from './probe-queue.ts';
import { probeTcp } from './probe-tcp.ts';
import { probeOutcomes, type Probe, type ProbeOutcome, type ProbeResult } from './probe.ts';
import { applyResult, startThreshold, type ThresholdState } from './threshold.ts';

/** How many probes have ended in which way. */
export type ProbeCounts = Readonly<Record<ProbeOutcome, number>>;

export interface ProbeRoundsOptions {
  readonly health: HealthTable;
  /** Where servers are whose address is a name. */
  readonly names: Pick<ServerNames, 'lookup'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Probes in flight at once, for all backends. Default 100. */
  readonly concurrency?: number | undefined;
  /** From 0 (included) to 1. Default Math.random. */
  readonly random?: (() => number) | undefined;
  /** Hears of every probe that succeeds, with the time of `clock.monotonic` when it began. */
  readonly onSuccess?: ((server: ServerSlot, beganMs: number) => void) | undefined;
}

export interface FirstProbe {
  readonly check: HealthCheck;
  /** Until it is due. */
  readonly delayMs: number;
}

/** A server that is probed, from the first probe to the last. */
interface Patient {
  readonly server: ServerSlot;
  readonly backend: string;
  concurrency: number;
  check: HealthCheck;
  threshold: ThresholdState;
  /** Of the next probe, while none is due. */
  cancelTimer: () => void;
  /** Of the probe that is under way. */
  stopProbe: AbortController | undefined;
}

const probes: Readonly<Record<HealthCheck['type'], Probe>> = { tcp: probeTcp, http: probeHttp };
const DEFAULT_CONCURRENCY = 100;
/** Probes per second are a mean over this time. */
const RATE_WINDOW_S = 10;

/**
 * Probes servers again and again: timer → queue → probe → threshold → health table → timer. The interval, with its
 * jitter, counts from one probe's start to the next one's, but a probe has to end before the next is due.
 */
export class ProbeRounds {
  readonly #options: ProbeRoundsOptions;
  readonly #random: () => number;
  readonly #patients = new Map<ServerSlot, Patient>();
  readonly #queue: ProbeQueue<Patient>;
  readonly #rate: EventRate;
  readonly #counts = Object.fromEntries(probeOutcomes.map((outcome) => [outcome, 0])) as Record<ProbeOutcome, number>;

  constructor(options: ProbeRoundsOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#rate = new EventRate(options.clock, RATE_WINDOW_S);
    this.#queue = new ProbeQueue({
      total: options.concurrency ?? DEFAULT_CONCURRENCY,
      start: (patient) => void this.#probe(patient),
    });
  }

  get counts(): ProbeCounts {
    return this.#counts;
  }

  /** Probes that began within the last ten seconds, as a mean. */
  get perSecond(): number {
    return this.#rate.perSecond;
  }

  /** Probes in flight, and those that are due and have to wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#queue.running, waiting: this.#queue.waiting };
  }

  isProbed(server: ServerSlot): boolean {
    return this.#patients.has(server);
  }

  /** Begins to probe a server, which is unknown unless there is a verdict from before. */
  begin(server: ServerSlot, { check, delayMs }: FirstProbe, known?: KnownVerdict): void {
    const threshold = startThreshold(known?.verdict ?? verdict.unknown);
    const patient: Patient = {
      server,
      backend: server.backend,
      concurrency: check.concurrency,
      check,
      threshold,
      cancelTimer: () => undefined,
      stopProbe: undefined,
    };
    this.#patients.set(server, patient);
    this.#options.health.begin(server, known);
    this.#schedule(patient, delayMs);
  }

  /** Goes on with another check. The verdict stays until the new check says otherwise, by thresholds of its own. */
  change(server: ServerSlot, { check, delayMs }: FirstProbe): void {
    const patient = this.#patients.get(server);
    if (patient === undefined) return;
    this.#interrupt(patient);
    patient.check = check;
    patient.concurrency = check.concurrency;
    patient.threshold = startThreshold(patient.threshold.verdict);
    this.#schedule(patient, delayMs);
  }

  /** Stops at once, and forgets the verdict: no timer, socket or place in the queue is left. */
  end(server: ServerSlot): void {
    const patient = this.#patients.get(server);
    if (patient === undefined) return;
    this.#patients.delete(server);
    this.#interrupt(patient);
    this.#options.health.forget(server);
  }

  /** Stops everything at once. Verdicts stand. */
  close(): void {
    for (const patient of this.#patients.values()) this.#interrupt(patient);
    this.#patients.clear();
  }

  #interrupt(patient: Patient): void {
    patient.cancelTimer();
    this.#queue.remove(patient);
    patient.stopProbe?.abort();
    patient.stopProbe = undefined;
  }

  #schedule(patient: Patient, delayMs: number): void {
    patient.cancelTimer = this.#options.clock.after(delayMs, () => this.#queue.add(patient));
  }

  async #probe(patient: Patient): Promise<void> {
    const { clock, names } = this.#options;
    const { server, check } = patient;
    const stop = new AbortController();
    const began = clock.monotonic();
    patient.stopProbe = stop;
    this.#rate.mark();
    const result = await probes[check.type]({
      address: server.address,
      port: server.port,
      lookup: names.lookup,
      check,
      clock,
      signal: stop.signal,
    });
    if (result !== undefined && !stop.signal.aborted) {
      patient.stopProbe = undefined;
      this.#take(patient, result);
      this.#schedule(patient, Math.max(0, this.#intervalMs(patient) - (clock.monotonic() - began)));
      if (result.outcome === 'success') this.#options.onSuccess?.(server, began);
    }
    this.#queue.release(patient);
  }

  #take(patient: Patient, result: ProbeResult): void {
    this.#counts[result.outcome]++;
    const { state, flipped } = applyResult(patient.threshold, result.outcome, patient.check);
    patient.threshold = state;
    if (flipped) this.#log(patient, result);
    this.#options.health.record(patient.server, result, state.verdict);
  }

  #log({ server, threshold }: Patient, { detail }: ProbeResult): void {
    const { logger } = this.#options;
    if (threshold.verdict === verdict.healthy) logger.info({ server: server.key }, 'server is healthy');
    else logger.warn({ server: server.key, error: detail }, 'server is unhealthy: it gets no traffic');
  }

  #intervalMs({ check, threshold }: Patient): number {
    const { intervalMs, downIntervalMs, jitterPercent } = check;
    const middleMs = threshold.verdict === verdict.unhealthy ? downIntervalMs : intervalMs;
    return middleMs * (1 + (jitterPercent / 100) * (2 * this.#random() - 1));
  }
}
