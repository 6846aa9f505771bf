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
 * Probes the servers of the table that is served, whose backends have a health check.
 *
 * 1. New servers get their first probe within one interval, spread evenly over it.
 * 2. Servers that have left are probed no longer, from the swap of the table on.
 * 3. A check that has changed starts its thresholds and its rounds anew; verdicts stand.
 * 4. A check that is taken away takes the verdicts with it: unknown servers are usable.
 * Each change costs as much as what differs.
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

  /** Probes in flight, and those that are due and have to wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return this.#rounds.load;
  }

  /** Begins with the table that is served, all at once: verdicts from before shall stand before requests come. */
  start(): void {
    const { serving } = this.#options;
    for (const { settings, candidates } of serving.table.value.backends.values()) {
      takeAll(this.#beginAll(serversOf(candidates), settings.healthCheck));
    }
    this.#stopFollowing = serving.onPublish((publication) =>
      new TimeSlice(YIELD_EVERY_MS).run(this.#follow(publication)),
    );
  }

  /** No timer and no socket is left; verdicts stand as they are. */
  close(): void {
    this.#closed = true;
    this.#stopFollowing();
    this.#rounds.close();
  }

  /** Removed servers come first. A step for each server, so that it can be done in slices. */
  *#follow({ before, after, added, removed, changedBackends }: Publication): Generator<void, void> {
    for (const server of removed) yield this.#rounds.end(server);
    const newServers = new Map<string, ServerSlot[]>();
    for (const server of added) {
      const others = newServers.get(server.backend);
      if (others === undefined) newServers.set(server.backend, [server]);
      else others.push(server);
      yield;
    }
    for (const name of changedBackends) {
      const backend = after.backends.get(name);
      if (backend !== undefined)
        yield* this.#followBackend(backend, before.backends.get(name), newServers.get(name) ?? []);
      yield;
    }
  }

  *#followBackend(
    backend: CompiledBackend,
    before: CompiledBackend | undefined,
    added: readonly ServerSlot[],
  ): Generator<void, void> {
    const check = backend.settings.healthCheck;
    const checkBefore = before?.settings.healthCheck;
    if (isDeepStrictEqual(check, checkBefore)) return yield* this.#beginAll(added, check);
    if (checkBefore === undefined) return yield* this.#beginAll(serversOf(backend.candidates), check);
    const fresh = new Set(added);
    const known = serversOf(backend.candidates).filter((server) => !fresh.has(server));
    if (check === undefined) for (const server of known) yield this.#rounds.end(server);
    else yield* this.#spread(known, check, (server, first) => this.#rounds.change(server, first));
    yield* this.#beginAll(added, check);
  }

  *#beginAll(servers: readonly ServerSlot[], check: HealthCheck | undefined): Generator<void, void> {
    if (check === undefined) return;
    yield* this.#spread(servers, check, (server, first) => {
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

function serversOf(candidates: CompiledBackend['candidates']): readonly ServerSlot[] {
  return candidates.map(({ server }) => server);
}
