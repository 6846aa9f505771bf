import type { Clock } from '@headgate/shared/clock';
import type { ReadableValue } from '@headgate/shared/latest-value';
import type { ServerObserver } from '../health/server-observer.ts';
import type { CompiledBackend, ServingTable } from '../routing/serving-table.ts';
import { AdmissionQueue, type QueueRefusal, type WaitingRequest } from '../upstream/admission-queue.ts';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import { AwaitedTurn, type Settled } from './awaited-turn.ts';
import type { FailedAttempt, NextServer, OwnAnswer, UpstreamFailure } from './forwarder.ts';
import { ownAnswer, type OwnReason } from './own-answer.ts';
import type { ProxyMetrics } from './proxy-metrics.ts';
import type { RequestContext } from './request-context.ts';
import { retryRefusal } from './retry-refusal.ts';

/** What the attempts of a request are made by. */
export interface AttemptPlan {
  /** As it was when the request came. */
  readonly backend: CompiledBackend;
  /** Looked at again by those who have waited or are tried again. */
  readonly table: ReadableValue<ServingTable>;
  readonly context: RequestContext;
  readonly slots: ServerSlots;
  /** Whether the method is idempotent. */
  readonly mayReplay: boolean;
  /** Default: nobody. */
  readonly observer: ServerObserver | undefined;
}

/** Where attempts are counted. */
export interface AttemptCounting {
  readonly metrics: ProxyMetrics;
  readonly clock: Clock;
}

/** An engine that does not say how its attempt ended may have sent something. */
const unknownEnd: FailedAttempt = { sent: true, bodyComplete: false };

/**
 * The servers that one request is tried at.
 *
 * 1. `next` picks the first server, or one more when the attempt before may be repeated. Its server counts the request as
 *    in flight from then on until the `next` after it or `end`. One more is picked from the newest table: what has begun
 *    to drain since the request came gets no retries.
 * 2. While every server is at its limit the request waits in the backend's queue, and is picked for by what is known when
 *    its turn comes. Who has an answer or has ended waits no more.
 * 3. A retry counts against the backend's budget from `next` until its end; a tunnel until it stands.
 * 4. Each attempt is reported once, by what the server was first seen to do.
 */
export class AttemptSequence implements WaitingRequest {
  readonly #plan: AttemptPlan;
  readonly #counting: AttemptCounting;
  #server: ServerSlot | undefined;
  #lastFailure: OwnAnswer | undefined;
  #reported = true;
  #retrying = false;
  /** Made when the request first has to wait. */
  #turn: AwaitedTurn | undefined;

  constructor(plan: AttemptPlan, counting: AttemptCounting) {
    this.#plan = plan;
    this.#counting = counting;
  }

  /** The server of the attempt under way. */
  get server(): ServerSlot | undefined {
    return this.#server;
  }

  get isParticular(): boolean {
    return this.#plan.context.tried.length > 0;
  }

  next(after: FailedAttempt = unknownEnd): NextServer {
    const { isParticular: isRetry } = this;
    const refused = isRetry && !this.#mayRetry(after);
    this.#release();
    if (refused) return this.#none('no_healthy_server');
    const backend = isRetry ? this.#newest : this.#plan.backend;
    if (backend === undefined) return this.#none('no_servers');
    const { traffic } = backend;
    traffic.queue?.serve();
    if (traffic.waiting === 0) {
      const next = this.#pick(backend);
      if (next !== undefined) return next;
    }
    return this.#wait(backend);
  }

  /** The attempt under way has failed. Returns the answer that says so. */
  failed(failure: UpstreamFailure): OwnAnswer {
    // A body that is too large is the client's fault, not the server's.
    if (failure !== 'request_too_large') {
      this.#counting.metrics.upstreamFailure(failure);
      this.#report(false);
    }
    this.#lastFailure = ownAnswer(failure);
    return this.#lastFailure;
  }

  /** The client is being answered: by the server, or by an own answer, which has a reason. */
  answered(status: number, reason: string): void {
    if (reason !== '') return this.#turn?.leave();
    this.#report(status < 500);
    if (status === 101) this.#retryOver();
  }

  end(): void {
    this.#turn?.leave();
    this.#retryOver();
    this.#release();
  }

  tryAgain(): boolean {
    const backend = this.#newest;
    const turn = backend === undefined ? this.#none('no_servers') : this.#pick(backend);
    if (turn === undefined) return false;
    this.#turn?.settle(turn);
    return true;
  }

  giveUp(reason: QueueRefusal): void {
    this.#turn?.settle(this.#none(reason));
  }

  /** The backend as it is served now; undefined when it is gone, also when another has come since by its name. */
  get #newest(): CompiledBackend | undefined {
    const { table, backend } = this.#plan;
    const found = table.value.backends.get(backend.settings.name);
    return found?.traffic === backend.traffic ? found : undefined;
  }

  #mayRetry(after: FailedAttempt): boolean {
    const { backend, context, mayReplay } = this.#plan;
    const refusal = retryRefusal({
      settings: backend.settings.retry,
      attempts: context.tried.length,
      after,
      mayReplay,
      retrying: this.#retrying,
      traffic: backend.traffic,
    });
    if (refusal !== undefined) this.#counting.metrics.retryRefused(refusal);
    return refusal === undefined;
  }

  /** Undefined when every server is at its limit. */
  #pick({ picker, affinity, settings }: CompiledBackend): Settled | undefined {
    const { context, slots } = this.#plan;
    for (;;) {
      const picked = (affinity ?? picker).pick(context);
      if (picked.kind === 'server') {
        if (slots.begin(picked.server, settings.limits.requestsPerServer)) return this.#begin(picked);
        continue; // another thread has taken the last place there
      }
      if (picked.reason === 'at_limit') return undefined;
      return this.#none(picked.reason === 'no_servers' ? 'no_servers' : 'no_healthy_server');
    }
  }

  #begin(picked: Extract<Settled, { readonly kind: 'server' }>): Settled {
    const { backend, context } = this.#plan;
    const { server } = picked;
    backend.traffic.begin();
    this.#server = server;
    this.#reported = false;
    context.tried.push(server);
    if (context.tried.length > 1) {
      this.#counting.metrics.retries++;
      this.#retryBegins();
    }
    return picked;
  }

  #wait(backend: CompiledBackend): NextServer {
    const queue = this.#queueOf(backend);
    const turn = queue && (this.#turn ??= new AwaitedTurn()).enter(queue, this);
    if (turn === undefined) return this.#none('overloaded');
    if (this.isParticular) this.#retryBegins();
    return { kind: 'queued', turn };
  }

  /** The queue of the backend; undefined when it has none. */
  #queueOf({ traffic, settings }: CompiledBackend): AdmissionQueue | undefined {
    const { metrics, clock } = this.#counting;
    if (settings.limits.queueLength === 0) return undefined;
    const { limits, name } = settings;
    const { others } = traffic;
    traffic.queue ??= new AdmissionQueue({ clock, limits, counts: metrics.queueOf(name), others });
    return traffic.queue;
  }

  #release(): void {
    if (this.#server === undefined) return;
    const { slots, backend } = this.#plan;
    slots.end(this.#server);
    this.#server = undefined;
    backend.traffic.end();
    backend.traffic.freed();
  }

  #retryBegins(): void {
    if (this.#retrying) return;
    this.#retrying = true;
    this.#plan.backend.traffic.retryBegins();
  }

  #retryOver(): void {
    if (!this.#retrying) return;
    this.#retrying = false;
    this.#plan.backend.traffic.retryEnds();
  }

  #report(success: boolean): void {
    if (this.#reported || this.#server === undefined) return;
    this.#reported = true;
    const { observer, backend } = this.#plan;
    if (success) observer?.succeeded(this.#server, backend.settings);
    else observer?.failed(this.#server, backend.settings);
  }

  /** After a failed attempt, its failure says more than that nobody is left. */
  #none(reason: OwnReason): Settled {
    return { kind: 'none', answer: this.#lastFailure ?? ownAnswer(reason) };
  }
}
