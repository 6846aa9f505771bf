import { isDeepStrictEqual } from 'node:util';
import type { HealthCheck } from '@headgate/shared/model/health-check';
import type { Publication, ServingState } from '../routing/serving-state.ts';
import type { CompiledBackend } from '../routing/serving-table.ts';
import { TimeSlice, YIELD_EVERY_MS } from '../routing/time-slice.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';
import { ProbeRounds, type FirstProbe, type ProbeCounts, type ProbeRoundsOptions } from './probe-rounds.ts';
import type { RestoredVerdicts } from './restored-verdicts.ts';

export interface ProberOptions extends ProbeRoundsOptions {
  readonly serving: ServingState;
  /** Verdicts of the time before a restart. */
  readonly restored?: RestoredVerdicts | undefined;
}

/**
 * Probes the servers of the table that is served, whose backends have a health check. Disabled servers are left out;
 * draining ones are probed on.
 *
 * 1. New servers get their first probe within one interval, spread evenly over it.
 * 2. Servers that have left, or are disabled, are probed no longer, from the swap of the table on.
 * 3. A check that has changed starts its thresholds and its rounds anew; verdicts stand.
 * 4. A check that is taken away takes the verdicts with it: unknown servers are usable.
 * Backends that have not changed are not looked at.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #rounds: ProbeRounds;
  readonly #random: () => number;
  #stopFollowing: () => void = () => undefined;
  #closed = false;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#rounds = new ProbeRounds(options);
  }

  get counts(): ProbeCounts {
    return this.#rounds.counts;
  }

  /** Probes that began within the last ten seconds, as a mean. */
  get perSecond(): number {
    return this.#rounds.perSecond;
  }

  /** Probes in flight, and those that are due and have to wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return this.#rounds.load;
  }

  /** Begins with the table that is served, all at once: verdicts from before shall stand before requests come. */
  start(): void {
    const { serving } = this.#options;
    const take = (backend: CompiledBackend) => takeAll(this.#followBackend(backend, undefined));
    for (const backend of serving.openBackends()) take(backend);
    const stops = [
      serving.onOpened(take),
      serving.onPublish((publication) => new TimeSlice(YIELD_EVERY_MS).run(this.#follow(publication))),
    ];
    this.#stopFollowing = () => stops.forEach((stop) => stop());
  }

  /** No timer and no socket is left; verdicts stand as they are. */
  close(): void {
    this.#closed = true;
    this.#stopFollowing();
    this.#rounds.close();
  }

  /** Removed servers come first. A step for each server, so that it can be done in slices. */
  *#follow({ before, after, removed, changedBackends }: Publication): Generator<void, void> {
    for (const server of removed) yield this.#rounds.end(server);
    for (const name of changedBackends) {
      const backend = after.backends.get(name);
      if (backend !== undefined) yield* this.#followBackend(backend, before.backends.get(name));
      yield;
    }
  }

  *#followBackend(
    { settings, candidates }: CompiledBackend,
    before: CompiledBackend | undefined,
  ): Generator<void, void> {
    const check = settings.healthCheck;
    const changed = !isDeepStrictEqual(check, before?.settings.healthCheck);
    if (!changed && candidates === before?.candidates) return;
    const fresh: ServerSlot[] = [];
    const known: ServerSlot[] = [];
    for (const { server, state } of candidates) {
      if (check === undefined || state === 'disabled') this.#rounds.end(server);
      else if (!this.#rounds.isProbed(server)) fresh.push(server);
      else if (changed) known.push(server);
      yield;
    }
    if (check === undefined) return;
    yield* this.#spread(known, check, (server, first) => this.#rounds.change(server, first));
    yield* this.#spread(fresh, check, (server, first) => {
      this.#rounds.begin(server, first, this.#options.restored?.take(server.key));
    });
  }

  /** First probes come evenly over one interval, each somewhere within its part of it. */
  *#spread(
    servers: readonly ServerSlot[],
    check: HealthCheck,
    begin: (server: ServerSlot, first: FirstProbe) => void,
  ): Generator<void, void> {
    for (const [index, server] of servers.entries()) {
      if (this.#closed) return;
      yield begin(server, { check, delayMs: (check.intervalMs * (index + this.#random())) / servers.length });
    }
  }
}

function takeAll(steps: Iterable<unknown>): void {
  for (const _step of steps);
}
