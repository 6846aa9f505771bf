import type { Backend } from '@headgate/shared/model/backend';
import type { ServerSlot } from '../upstream/server-slots.ts';
import { AccountedExchange, type Accounting, type RequestFacts } from './accounted-exchange.ts';
import { AttemptSequence, type AttemptPlan } from './attempt-sequence.ts';
import type {
  FailedAttempt,
  ForwardExchange,
  HttpVersion,
  NextServer,
  OwnAnswer,
  UpstreamFailure,
} from './forwarder.ts';
import type { AnswerBlock, AnswerReader } from './answer-block.ts';
import type { PreparedFields } from './prepared-fields.ts';
import { responseHeaders } from './response-headers.ts';

/** What forwarding needs beside the facts. */
export interface ForwardPlan extends AttemptPlan {
  readonly cutSignal: (server: ServerSlot) => AbortSignal;
  readonly clientVersion: HttpVersion;
  /** Whether the client came over TLS, as far as it can be known. */
  readonly overTls: boolean;
  readonly target: string;
  /** Whether the request names a host (HTTP/1.0 may not). */
  readonly hasHost: boolean;
  /** Of the request, as the server shall see them. */
  readonly fields: PreparedFields;
}

const neverCut = new AbortController().signal;

/** A request on its way to a server. */
export class ForwardedExchange extends AccountedExchange implements ForwardExchange {
  readonly #plan: ForwardPlan;
  readonly #method: string;
  readonly #attempts: AttemptSequence;

  constructor(accounting: Accounting, facts: RequestFacts, plan: ForwardPlan) {
    super(accounting, facts);
    this.#plan = plan;
    this.#method = facts.method;
    this.#attempts = new AttemptSequence(plan, accounting);
  }

  get backend(): Backend {
    return this.#plan.backend.settings;
  }

  get target(): string {
    return this.#plan.target;
  }

  get requestHeaders(): readonly string[] {
    return this.#plan.fields.list(this.requestId);
  }

  get requestLines(): string {
    return this.#plan.fields.lines(this.requestId);
  }

  get hasHost(): boolean {
    return this.#plan.hasHost;
  }

  get cut(): AbortSignal {
    const { server } = this.#attempts;
    return server === undefined ? neverCut : this.#plan.cutSignal(server);
  }

  get replayBytes(): number {
    return this.mayReplay ? this.backend.retry.replayBytes : 0;
  }

  get mayReplay(): boolean {
    return this.#plan.mayReplay;
  }

  next(after?: FailedAttempt): NextServer {
    return this.#attempts.next(after);
  }

  override answered(status: number, reason: string): void {
    super.answered(status, reason);
    this.#attempts.answered(status, reason);
    if (reason === '') this.#countSession();
  }

  responseHeaders(status: number, rawHeaders: readonly string[], version: HttpVersion = '1.1'): readonly string[] {
    return responseHeaders({ ...this.#reader(status), status, rawHeaders, version, requestId: this.requestId });
  }

  responseLines(answer: AnswerBlock): string {
    return answer.prepare(this.#reader(answer.status)).lines(this.requestId);
  }

  failure(failure: UpstreamFailure): OwnAnswer {
    return this.#attempts.failed(failure);
  }

  protected override release(): void {
    this.#attempts.end();
  }

  protected override get backendName(): string {
    return this.backend.name;
  }

  /** None once the backend is gone: late requests must not bring back counters that went with it. */
  protected override get countedName(): string {
    const { backendName } = this;
    const isKnown =
      this.accounting.metrics.backends.has(backendName) || this.#plan.table.value.backends.has(backendName);
    return isKnown ? backendName : '';
  }

  protected override get lastServer(): ServerSlot | undefined {
    return this.#plan.context.tried.at(-1);
  }

  protected override get attempts(): number {
    return this.#plan.context.tried.length;
  }

  #reader(status: number): AnswerReader {
    const { clientVersion, backend } = this.#plan;
    const { shownVersion } = this;
    const { via } = backend.settings;
    return { method: this.#method, clientVersion, shownVersion, via, sessionCookie: this.#sessionCookie(status) };
  }

  /** Interim answers are not the server's last word, and set no cookie. */
  #sessionCookie(status: number): string | undefined {
    const { backend, context, overTls } = this.#plan;
    const { server } = this.#attempts;
    if (backend.affinity === undefined || server === undefined || (status < 200 && status !== 101)) return undefined;
    return backend.affinity.cookieFor(server, context.sessionValue, overTls);
  }

  #countSession(): void {
    const { backend, context } = this.#plan;
    const { server } = this.#attempts;
    const { countedName } = this;
    if (backend.affinity === undefined || server === undefined || countedName === '') return;
    this.accounting.metrics.sessionAnswered(countedName, backend.affinity.outcome(server, context.sessionValue));
  }
}
