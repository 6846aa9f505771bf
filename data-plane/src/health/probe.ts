import type { LookupFunction } from 'node:net';
import type { Clock } from '@headgate/shared/clock';
import type { HealthCheck } from '@headgate/shared/model/health-check';

/**
 * How a probe may end. A local failure (no file descriptors or ports left on this machine) says nothing about the
 * server and leaves its verdict alone.
 */
export const probeOutcomes = [
  'success',
  'connect_failed',
  'connection_lost',
  'timeout',
  'invalid_answer',
  'unexpected_status',
  'local_failure',
] as const;

export type ProbeOutcome = (typeof probeOutcomes)[number];

export interface ProbeResult {
  readonly outcome: ProbeOutcome;
  /** What went wrong, in our own words: at most 200 visible ASCII characters, nothing that a server has sent. */
  readonly detail: string;
}

export interface ProbeRequest {
  /** An IP address, or a name. */
  readonly address: string;
  readonly port: number;
  /** Where the server is, if its address is a name. */
  readonly lookup: LookupFunction;
  readonly check: HealthCheck;
  readonly clock: Clock;
  /** Ends the probe at once, without a result. */
  readonly signal: AbortSignal;
}

/** Asks one server once. Undefined when it was told to stop. Never rejects; its socket is gone when it resolves. */
export type Probe = (request: ProbeRequest) => Promise<ProbeResult | undefined>;
