import type { ReadableValue } from '@headgate/shared/latest-value';

/** Why a server gets no requests, or may not: probes fail, requests have failed, or nobody knows yet. */
export type DeviationVerdict = 'unknown' | 'unhealthy' | 'ejected';
export type Verdict = 'healthy' | DeviationVerdict;

/** What a data plane says of a server that it does not hold for healthy. */
export interface ReportedDeviation {
  /** `backend/address:port` */
  readonly server: string;
  readonly verdict: DeviationVerdict;
  /** Unix time in milliseconds, by the data plane's clock. */
  readonly sinceMs: number;
  /** "" when no probe has failed. */
  readonly lastError: string;
}

/** What a data plane holds a server for now, and did not before. */
export interface VerdictChange {
  /** `backend/address:port` */
  readonly server: string;
  /** healthy: it is no longer reported. */
  readonly verdict: Verdict;
  readonly before: Verdict;
  /** "" when no probe has failed. */
  readonly lastError: string;
}

export interface SnapshotFault {
  /** `kind/name`, "" when the fault is the whole snapshot's. */
  readonly object: string;
  /** JSON pointer inside the object. */
  readonly field: string;
  readonly code: string;
  readonly reason: string;
}

/** Why a data plane did not take what it was sent. */
export interface LastNack {
  readonly epoch: string;
  readonly version: number;
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly errors: readonly SnapshotFault[];
  readonly totalErrors: number;
}

/** Something about a data plane that an operator must know. */
export interface Problem {
  /** snake_case: duplicate_id, empty_epoch, epoch_left, version_ahead, too_many_deviations, too_many_loads. */
  readonly code: string;
  readonly detail: string;
}

/**
 * live: serves the newest version. lagging: connected, older, an update is under way. rejected: connected and refused
 * the newest update, or holds what this store cannot follow (another epoch, a higher version). gone: not connected.
 */
export type DataPlaneState = 'live' | 'lagging' | 'rejected' | 'gone';

/** One data plane as the control plane knows it. Kept for a while after it has gone, ten minutes by default. */
export interface DataPlaneRecord {
  readonly id: string;
  readonly processUuid: string;
  readonly softwareVersion: string;
  readonly threads: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly connected: boolean;
  /** What it serves on all of its threads; "" and 0 when nothing. */
  readonly epoch: string;
  readonly version: number;
  /** It refused what it was sent last, or holds what this store cannot follow. */
  readonly rejected: boolean;
  /** Unix time in milliseconds; undefined when gone. */
  readonly connectedSince?: number | undefined;
  /** Unix time in milliseconds of the last thing heard from it. */
  readonly lastSeen: number;
  /** Unix time in milliseconds since which it does not serve the newest version; undefined when it does. */
  readonly behindSince?: number | undefined;
  readonly lastNack?: LastNack | undefined;
  /** Something an operator must know: a second process with this id, a higher version than the store's… */
  readonly problem?: Problem | undefined;
  readonly health: readonly ReportedDeviation[];
}

/** Every data plane that is known, connected or not. */
export type Fleet = ReadonlyMap<string, DataPlaneRecord>;

/** Read side of the fleet, for the API. The map is replaced, never changed. */
export type ReadableFleet = ReadableValue<Fleet>;
