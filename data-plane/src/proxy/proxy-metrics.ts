import { noQueueCounts, type QueueCounts } from '../upstream/admission-queue.ts';
import type { SessionOutcome } from '../affinity/session-decision.ts';
import type { TransferredBytes, UpstreamFailure } from './forwarder.ts';
import { retryRefusals, type RetryRefusal } from './retry-refusal.ts';

const failureKinds: readonly UpstreamFailure[] = [
  'connect_failed',
  'connect_timeout',
  'first_byte_timeout',
  'idle_timeout',
  'connection_lost',
  'invalid_answer',
];

/** What one backend has answered, or "" for requests that belong to none, or to one that is gone. */
export interface BackendCounters {
  /** Requests by class of status: index 2 counts 2xx. Index 0 counts those that ended without an answer. */
  readonly byStatusClass: Float64Array;
  /** Bytes of content from clients and to them. */
  receivedBytes: number;
  sentBytes: number;
}

/**
 * What the proxy counts, as plain numbers that something else exports. Labels are few: no path, no host, no server.
 * Counters only grow; gauges say so.
 */
export class ProxyMetrics {
  readonly backends = new Map<string, BackendCounters>();
  /** Answers that Headgate gave itself, by reason. */
  readonly ownAnswers = new Map<string, number>();
  readonly upstreamFailures = new Map<UpstreamFailure, number>(failureKinds.map((kind) => [kind, 0]));
  /** Answers of servers of backends that have sessions, by backend and by what has become of the session. */
  readonly sessions = new Map<string, Record<SessionOutcome, number>>();
  /** Attempts at another server. */
  retries = 0;
  /** Failed requests that were not tried again, by why. */
  readonly refusedRetries = new Map<RetryRefusal, number>(retryRefusals.map((reason) => [reason, 0]));
  /** By backend, of those that have had to let requests wait. */
  readonly queues = new Map<string, QueueCounts>();
  /** Reused connections that were dead and replaced by fresh ones to the same server. */
  replacedConnections = 0;
  /** Connections to servers: opened, and requests that took an idle one instead. */
  upstreamConnections = 0;
  reusedConnections = 0;
  /** Client connections beyond the limit. */
  refusedConnections = 0;
  /** Client connections that the system could not hand over, for lack of file descriptors or memory. */
  failedAccepts = 0;
  /** Gauge: requests and tunnels under way. */
  inFlight = 0;
  /** Gauge: client connections, tunnels included. */
  connections = 0;
  /** Gauge. */
  tunnels = 0;

  requestEnded(backend: string, status: number, bytes: TransferredBytes): void {
    const counters = this.#backend(backend);
    const statusClass = Math.floor(status / 100);
    counters.byStatusClass[statusClass]!++;
    counters.receivedBytes += bytes.received;
    counters.sentBytes += bytes.sent;
  }

  sessionAnswered(backend: string, outcome: SessionOutcome): void {
    let counts = this.sessions.get(backend);
    if (counts === undefined) this.sessions.set(backend, (counts = { kept: 0, moved: 0, new: 0 }));
    counts[outcome]++;
  }

  ownAnswer(reason: string): void {
    this.ownAnswers.set(reason, (this.ownAnswers.get(reason) ?? 0) + 1);
  }

  upstreamFailure(kind: UpstreamFailure): void {
    this.upstreamFailures.set(kind, (this.upstreamFailures.get(kind) ?? 0) + 1);
  }

  retryRefused(reason: RetryRefusal): void {
    this.refusedRetries.set(reason, (this.refusedRetries.get(reason) ?? 0) + 1);
  }

  /** What the queue of a backend counts into. */
  queueOf(backend: string): QueueCounts {
    const known = this.queues.get(backend);
    if (known !== undefined) return known;
    const made = noQueueCounts();
    this.queues.set(backend, made);
    return made;
  }

  /** Drops the counters of a backend that is gone for good, so that names that come and go use up no memory. */
  forgetBackend(name: string): void {
    this.backends.delete(name);
    this.sessions.delete(name);
    this.queues.delete(name);
  }

  #backend(name: string): BackendCounters {
    const known = this.backends.get(name);
    if (known !== undefined) return known;
    const made: BackendCounters = { byStatusClass: new Float64Array(6), receivedBytes: 0, sentBytes: 0 };
    this.backends.set(name, made);
    return made;
  }
}
