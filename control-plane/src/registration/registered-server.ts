import type { ServerDocument } from '@headgate/shared/model/server';

/** One registration or heartbeat, whose content has been checked. */
export interface RegisteredServer {
  /** address:port, canonical. */
  readonly endpoint: string;
  /** What the server is to be, from what it is; undefined when it is not registered. */
  readonly documentAfter: (before: ServerDocument | undefined) => ServerDocument;
  /** How long the heartbeat counts. Default: the backend's. */
  readonly ttlMs?: number | undefined;
}

/** What a registration or heartbeat has led to. */
export interface RegistrationResult {
  readonly endpoint: string;
  /** It was not registered before. */
  readonly created: boolean;
  /** It was created, or its content has changed. */
  readonly changed: boolean;
  readonly ttlMs: number;
  /** Unix ms when it goes without a further heartbeat. */
  readonly expiresAt: number;
}

/** A registered server, as it is shown. Times are Unix times in milliseconds. */
export interface RegistrationStatus {
  readonly document: ServerDocument;
  readonly endpoint: string;
  readonly since: number;
  readonly ttlMs: number;
  /** Undefined when none has come since the control plane has started. */
  readonly lastHeartbeat: number | undefined;
  /** Negative while a pause holds it, or until the next sweep. */
  readonly expiresInMs: number;
}

/** The registered servers of a backend. */
export interface BackendStatus {
  /** By address:port, in that order. */
  readonly servers: readonly RegistrationStatus[];
  /** Unix ms when expiry goes on at the latest; undefined when it is not paused. */
  readonly pausedUntil: number | undefined;
}
