import type { Retry } from '@headgate/shared/model/retry';
import type { BackendTraffic } from '../upstream/backend-traffic.ts';
import type { FailedAttempt } from './forwarder.ts';

/** RFC 9110 section 9.2.2, without TRACE, which is refused. */
const idempotentMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether a request with this method may be carried out twice. */
export function isIdempotent(method: string): boolean {
  return idempotentMethods.has(method);
}

/** Why a failed request is not tried again. */
export const retryRefusals = ['attempts', 'not_replayable', 'budget'] as const;
export type RetryRefusal = (typeof retryRefusals)[number];

export interface RetryQuestion {
  readonly settings: Retry;
  /** Attempts that were made. */
  readonly attempts: number;
  readonly after: FailedAttempt;
  /** Whether the method is idempotent. */
  readonly mayReplay: boolean;
  /** Whether this request counts as a retry already. */
  readonly retrying: boolean;
  /** With this request. */
  readonly traffic: Pick<BackendTraffic, 'inFlight' | 'retries'>;
}

/**
 * Why a request whose attempt brought no byte of an answer must not be tried again; undefined when it may.
 *
 * 1. attempts: it was tried as often as the backend allows.
 * 2. not_replayable: something was sent, and the server may have acted on it (RFC 9110 section 9.2.2), or the body is gone.
 * 3. budget: as many retries are in flight as the backend allows. Without that, servers that fail get more requests for it.
 */
export function retryRefusal(question: RetryQuestion): RetryRefusal | undefined {
  const { settings, attempts, after, mayReplay, retrying, traffic } = question;
  if (attempts > settings.attempts) return 'attempts';
  if (after.sent && !(mayReplay && after.bodyComplete)) return 'not_replayable';
  if (!retrying && traffic.retries >= retryAllowance(settings, traffic.inFlight)) return 'budget';
  return undefined;
}

/** How many retries may be in flight at once. */
function retryAllowance({ minConcurrent, budgetPercent }: Retry, inFlight: number): number {
  return Math.max(minConcurrent, Math.floor((inFlight * budgetPercent) / 100));
}
