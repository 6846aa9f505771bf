import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import type { Backend } from '@headgate/shared/model/backend';
import { beginRamp } from '../balancing/slow-start.ts';
import type { Publication, ServingState } from '../routing/serving-state.ts';
import type { Deviation, DeviationSource } from '../sync/deviation-source.ts';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import { ejectionTime } from './ejection-time.ts';
import { ExpiryTimer } from './expiry-timer.ts';
import { mayEject } from './may-eject.ts';
import type { ServerObserver } from './server-observer.ts';

export interface EjectorOptions {
  readonly serving: ServingState;
  readonly slots: ServerSlots;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Since the start. */
export interface EjectionCounts {
  readonly ejections: number;
  /** Because the share of the backend was used up, or no other server was left. */
  readonly withheld: number;
}

/** What is remembered of a server that has failed. */
interface Offender {
  /** In a row. */
  failures: number;
  times: number;
  /** Time of `clock.monotonic` when it came back last. */
  backSinceMs: number;
}

interface Sentence {
  /** Times of `clock.monotonic`. */
  readonly beganMs: number;
  readonly endsMs: number;
  readonly deviation: Deviation;
}

/**
 * Takes servers out whose requests fail (passive health), by their backend's `ejection`.
 *
 * 1. Failures in a row, over all requests: a success starts the count anew.
 * 2. At the limit the server gets no requests for a while, unless too many are out already, or no other is left; then
 *    its count starts anew.
 * 3. It comes back when its time is over, or with `recovery: probe` as soon as a probe succeeds that began since.
 * 4. What is known belongs to the server: it survives snapshots, and goes with the server, with its being disabled and
 *    with the backend's setting.
 * One timer for all, and none while nobody is out. Nothing is kept over a restart.
 */
export class Ejector implements ServerObserver, DeviationSource {
  readonly #options: EjectorOptions;
  readonly #offenders = new Map<ServerSlot, Offender>();
  readonly #ejected = new Map<ServerSlot, Sentence>();
  readonly #listeners = new Set<(server: string) => void>();
  readonly #counts = { ejections: 0, withheld: 0 };
  readonly #timer: ExpiryTimer;
  #stops: readonly (() => void)[] = [];

  constructor(options: EjectorOptions) {
    this.#options = options;
    this.#timer = new ExpiryTimer(options.clock, () => this.#readmitDue());
  }

  start(): void {
    const { serving, slots } = this.#options;
    this.#stops = [
      serving.onPublish((publication) => this.#follow(publication)),
      slots.onFreed((server) => this.#forget(server)),
    ];
  }

  /** No timer is left; who is out stays out. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#timer.set(Infinity);
  }

  get counts(): EjectionCounts {
    return this.#counts;
  }

  /** Servers that are out now. */
  get size(): number {
    return this.#ejected.size;
  }

  succeeded(server: ServerSlot, { ejection }: Backend): void {
    if (ejection === undefined || this.#offenders.size === 0) return;
    const offender = this.#offenders.get(server);
    if (offender === undefined) return;
    if (offender.times === 0) this.#offenders.delete(server);
    else offender.failures = 0;
  }

  failed(server: ServerSlot, { ejection }: Backend): void {
    if (ejection === undefined || this.#options.slots.isRetired(server) || this.#ejected.has(server)) return;
    const offender = this.#offenders.get(server) ?? { failures: 0, times: 0, backSinceMs: 0 };
    this.#offenders.set(server, offender);
    if (++offender.failures >= ejection.consecutiveFailures) this.#judge(server, offender);
  }

  /** Threads have counted so many failures in a row, as many as the backend allows. */
  failedInRow(server: ServerSlot, failures: number): void {
    if (this.#options.slots.isRetired(server) || this.#ejected.has(server)) return;
    const offender = this.#offenders.get(server) ?? { failures, times: 0, backSinceMs: 0 };
    this.#offenders.set(server, offender);
    offender.failures = failures;
    this.#judge(server, offender);
  }

  /** A probe has succeeded that began at this time of `clock.monotonic`. */
  probeSucceeded(server: ServerSlot, beganMs: number): void {
    const sentence = this.#ejected.get(server);
    if (sentence === undefined || beganMs < sentence.beganMs) return;
    if (this.#backendOf(server)?.settings.ejection?.recovery === 'probe') this.#readmit(server);
  }

  *all(): Iterable<Deviation> {
    for (const { deviation } of this.#ejected.values()) yield deviation;
  }

  get(key: string): Deviation | undefined {
    const server = this.#options.slots.get(key);
    return server && this.#ejected.get(server)?.deviation;
  }

  onChange(listener: (server: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** By the table that is served now: the request may have begun under an older one. */
  #judge(server: ServerSlot, offender: Offender): void {
    const { slots, clock } = this.#options;
    const { failures } = offender;
    offender.failures = 0;
    const backend = this.#backendOf(server);
    const ejection = backend?.settings.ejection;
    if (backend === undefined || ejection === undefined) return;
    if (!mayEject(server, { candidates: backend.candidates, slots, maxPercent: ejection.maxPercent })) {
      this.#counts.withheld++;
      return;
    }
    const quietMs = clock.monotonic() - offender.backSinceMs;
    const { times, durationMs } = ejectionTime({ times: offender.times, quietMs }, ejection);
    offender.times = times;
    this.#eject(server, { failures, durationMs });
  }

  #eject(
    server: ServerSlot,
    { failures, durationMs }: { readonly failures: number; readonly durationMs: number },
  ): void {
    const { slots, clock, logger } = this.#options;
    const beganMs = clock.monotonic();
    const lastError = `ejected after ${failures} ${failures === 1 ? 'failure' : 'failures in a row'}`;
    const deviation = {
      server: server.key,
      verdict: 'unhealthy',
      sinceMs: clock.now(),
      lastError,
      ejected: true,
    } as const;
    this.#ejected.set(server, { beganMs, endsMs: beganMs + durationMs, deviation });
    this.#counts.ejections++;
    slots.ejected[server.slot] = 1;
    logger.warn({ server: server.key, failures, durationMs }, 'server is ejected: its requests have failed');
    this.#tell(server);
    this.#timer.include(beganMs + durationMs);
  }

  #readmit(server: ServerSlot): void {
    const { slots, clock, logger } = this.#options;
    const now = clock.monotonic();
    const offender = this.#offenders.get(server);
    if (offender !== undefined) offender.backSinceMs = now;
    beginRamp(slots, server, now);
    this.#clear(server);
    logger.info({ server: server.key }, 'server is used again after its ejection');
  }

  #forget(server: ServerSlot): void {
    this.#offenders.delete(server);
    if (this.#ejected.has(server)) this.#clear(server);
  }

  /** Its slot may have been freed, and taken over, since. */
  #clear(server: ServerSlot): void {
    const { slots } = this.#options;
    this.#ejected.delete(server);
    if (slots.get(server.key) === server) slots.ejected[server.slot] = 0;
    if (this.#ejected.size === 0) this.#timer.set(Infinity);
    this.#tell(server);
  }

  #follow({ after, removed, changedBackends }: Publication): void {
    if (this.#offenders.size === 0) return;
    for (const server of removed) this.#forget(server);
    for (const name of changedBackends) {
      const { settings, candidates = [] } = after.backends.get(name) ?? {};
      for (const { server, state } of candidates)
        if (settings?.ejection === undefined || state === 'disabled') this.#forget(server);
    }
  }

  #readmitDue(): void {
    const now = this.#options.clock.monotonic();
    for (const [server, { endsMs }] of this.#ejected) if (endsMs <= now) this.#readmit(server);
    let next = Infinity;
    for (const { endsMs } of this.#ejected.values()) next = Math.min(next, endsMs);
    this.#timer.set(next);
  }

  #backendOf(server: ServerSlot) {
    return this.#options.serving.table.value.backends.get(server.backend);
  }

  #tell({ key }: ServerSlot): void {
    for (const listener of [...this.#listeners]) listener(key);
  }
}
