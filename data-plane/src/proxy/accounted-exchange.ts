import { formatEndpoint } from '@headgate/shared/model/address';
import type { Clock } from '@headgate/shared/clock';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { ServerSlot } from '../upstream/server-slots.ts';
import { loggedPath } from './access-entry.ts';
import type { AccessLog } from './access-log.ts';
import type { Exchange, Outcome, TransferredBytes } from './forwarder.ts';
import type { ProxyMetrics } from './proxy-metrics.ts';

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
  /** Both for the log alone. */
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
    const { clock, accessLog } = accounting;
    this.#startedAtMs = accessLog === undefined ? 0 : clock.now();
    this.#startedMs = accessLog === undefined ? 0 : clock.monotonic();
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
    metrics.requestEnded(this.countedName, this.#status, bytes);
    this.#log(outcome, bytes);
  }

  /** Gives back what was held for the request. */
  protected release(): void {}

  protected get backendName(): string {
    return '';
  }

  /** The backend that the request is counted for. */
  protected get countedName(): string {
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
