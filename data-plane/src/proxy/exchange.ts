import type { Backend } from '@headgate/shared/model/backend';
import { formatEndpoint } from '@headgate/shared/model/address';
import type { Clock } from '@headgate/shared/clock';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { CompiledBackend } from '../routing/serving-table.ts';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import { loggedPath } from './access-entry.ts';
import type { AccessLog } from './access-log.ts';
import type {
  Exchange,
  ForwardExchange,
  HttpVersion,
  Outcome,
  OwnAnswer,
  TransferredBytes,
  UpstreamFailure,
} from './forwarder.ts';
import { ownAnswer } from './own-answer.ts';
import type { ProxyMetrics } from './proxy-metrics.ts';
import type { RequestContext } from './request-context.ts';
import { responseHeaders } from './response-headers.ts';

/** The first one and one retry. */
const MAX_ATTEMPTS = 2;

/** Where exchanges are counted and logged. */
export interface Accounting {
  readonly metrics: ProxyMetrics;
  /** Undefined when it is switched off. */
  readonly accessLog: AccessLog | undefined;
  /** Whether answers say which version of the configuration they were served by. */
  readonly showVersion: boolean;
  readonly clock: Clock;
}

/** What is known of a request when its exchange begins. */
export interface RequestFacts {
  readonly requestId: string;
  readonly snapshot: SnapshotId;
  readonly clientAddress: string;
  readonly method: string;
  /** Normalised, "" when there is none that is valid. */
  readonly authority: string;
  readonly target: string;
}

/** Counts and logs one request, once. A request that is answered by the proxy itself needs no more than this. */
export class AccountedExchange implements Exchange {
  readonly requestId: string;
  readonly version: number;
  readonly shownVersion: number | undefined;
  protected readonly accounting: Accounting;
  readonly #facts: RequestFacts;
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  #status = 0;
  #reason = '';
  #ended = false;

  constructor(accounting: Accounting, facts: RequestFacts) {
    this.accounting = accounting;
    this.#facts = facts;
    this.requestId = facts.requestId;
    this.version = facts.snapshot.version;
    this.shownVersion = accounting.showVersion ? this.version : undefined;
    this.#startedAtMs = accounting.clock.now();
    this.#startedMs = accounting.clock.monotonic();
    accounting.metrics.inFlight++;
  }

  answered(status: number, reason: string): void {
    this.#status = status;
    this.#reason = reason;
    if (reason !== '') this.accounting.metrics.ownAnswer(reason);
  }

  end(outcome: Outcome, bytes: TransferredBytes): void {
    if (this.#ended) return;
    this.#ended = true;
    this.release();
    const { metrics } = this.accounting;
    metrics.inFlight--;
    metrics.requestEnded(this.backendName, this.#status, bytes);
    this.#log(outcome, bytes);
  }

  /** Gives back what was held for the request. */
  protected release(): void {}

  protected get backendName(): string {
    return '';
  }

  protected get lastServer(): ServerSlot | undefined {
    return undefined;
  }

  protected get attempts(): number {
    return 0;
  }

  #log(outcome: Outcome, bytes: TransferredBytes): void {
    const { accessLog, clock } = this.accounting;
    if (accessLog === undefined) return;
    const server = this.lastServer;
    const facts = this.#facts;
    accessLog.write({
      startedAtMs: this.#startedAtMs,
      requestId: this.requestId,
      epoch: facts.snapshot.epoch,
      version: this.version,
      client: facts.clientAddress,
      method: facts.method,
      host: facts.authority,
      path: loggedPath(facts.target),
      backend: this.backendName,
      server: server === undefined ? '' : formatEndpoint(server.address, server.port),
      status: this.#status,
      reason: this.#reason,
      outcome,
      receivedBytes: bytes.received,
      sentBytes: bytes.sent,
      durationMs: clock.monotonic() - this.#startedMs,
      attempts: this.attempts,
    });
  }
}

/** What forwarding needs beside the facts. */
export interface ForwardPlan {
  readonly backend: CompiledBackend;
  readonly slots: ServerSlots;
  readonly cutSignal: (server: ServerSlot) => AbortSignal;
  readonly context: RequestContext;
  readonly clientVersion: HttpVersion;
  readonly target: string;
  readonly requestHeaders: readonly string[];
}

const neverCut = new AbortController().signal;

/**
 * A request on its way to a server. Its server counts it as in flight from `next` until the `next` after it or the end,
 * whatever way that comes about.
 */
export class ForwardedExchange extends AccountedExchange implements ForwardExchange {
  readonly #plan: ForwardPlan;
  readonly #method: string;
  #server: ServerSlot | undefined;
  #lastFailure: OwnAnswer | undefined;

  constructor(accounting: Accounting, facts: RequestFacts, plan: ForwardPlan) {
    super(accounting, facts);
    this.#plan = plan;
    this.#method = facts.method;
  }

  get backend(): Backend {
    return this.#plan.backend.settings;
  }

  get target(): string {
    return this.#plan.target;
  }

  get requestHeaders(): readonly string[] {
    return this.#plan.requestHeaders;
  }

  get cut(): AbortSignal {
    return this.#server === undefined ? neverCut : this.#plan.cutSignal(this.#server);
  }

  next(): ReturnType<ForwardExchange['next']> {
    this.release();
    const { context, backend, slots } = this.#plan;
    if (context.tried.length >= MAX_ATTEMPTS) return this.#none('no_healthy_server');
    const picked = backend.picker.pick(context);
    if (picked.kind === 'none') return this.#none(picked.reason === 'no_servers' ? 'no_servers' : 'no_healthy_server');
    slots.begin(picked.server);
    this.#server = picked.server;
    context.tried.push(picked.server);
    if (context.tried.length > 1) this.accounting.metrics.retries++;
    return picked;
  }

  responseHeaders(status: number, rawHeaders: readonly string[], version: HttpVersion = '1.1'): readonly string[] {
    const { clientVersion, backend } = this.#plan;
    const { requestId, shownVersion } = this;
    return responseHeaders({
      status,
      rawHeaders,
      version,
      method: this.#method,
      clientVersion,
      requestId,
      shownVersion,
      via: backend.settings.via,
    });
  }

  failure(failure: UpstreamFailure): OwnAnswer {
    // A body that is too large is the client's fault, not the server's.
    if (failure !== 'request_too_large') this.accounting.metrics.upstreamFailure(failure);
    this.#lastFailure = ownAnswer(failure);
    return this.#lastFailure;
  }

  protected override release(): void {
    if (this.#server === undefined) return;
    this.#plan.slots.end(this.#server);
    this.#server = undefined;
  }

  protected override get backendName(): string {
    return this.backend.name;
  }

  protected override get lastServer(): ServerSlot | undefined {
    return this.#plan.context.tried.at(-1);
  }

  protected override get attempts(): number {
    return this.#plan.context.tried.length;
  }

  /** After a failed attempt, its failure says more than that nobody is left. */
  #none(reason: 'no_servers' | 'no_healthy_server'): ReturnType<ForwardExchange['next']> {
    return { kind: 'none', answer: this.#lastFailure ?? ownAnswer(reason) };
  }
}
