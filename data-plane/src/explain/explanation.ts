import type { MoveReason } from '../affinity/session-decision.ts';
import type { OwnReason } from '../proxy/own-answer.ts';

/** How a data plane would serve a request at this moment, as JSON shows it. Texts of the client are not repeated in it. */
export interface Explanation {
  readonly epoch: string;
  readonly version: number;
  /** Absent when the request cannot be read. */
  readonly request?: ExplainedRequest;
  /** What the data plane answers itself, without asking a server. */
  readonly answer?: ExplainedAnswer;
  /** The pattern of the host that matches. */
  readonly host?: string;
  /** Which of its routes, from 0. */
  readonly route?: number;
  /** Who gets the request: one, or each of several with its share. */
  readonly backends: readonly ExplainedBackend[];
}

/** The request in the spelling that everything is decided by. */
export interface ExplainedRequest {
  readonly method: string;
  /** Path and query, or `*`. */
  readonly target: string;
  /** "" when the request names none. */
  readonly authority: string;
  /** Behind trusted proxies. */
  readonly clientAddress: string;
}

export interface ExplainedAnswer {
  readonly status: number;
  readonly reason: OwnReason;
}

export interface ExplainedBackend {
  readonly backend: string;
  /** Of requests like this one, from 0 to 1. */
  readonly share: number;
  readonly algorithm: string;
  /** Whether health counts for nothing because nobody is healthy. */
  readonly failsOpen: boolean;
  readonly session: ExplainedSession;
  readonly pick: ExplainedPick;
  /** By server; at most a thousand over all backends. */
  readonly candidates: readonly ExplainedCandidate[];
  /** How many are left out. */
  readonly moreCandidates: number;
}

/** What becomes of the session; `server` is the one that its cookie names. none: the backend has no sessions. */
export type ExplainedSession =
  | { readonly decision: 'none' | 'new' }
  | { readonly decision: 'kept'; readonly server: string }
  | { readonly decision: 'moved'; readonly server: string; readonly reason: MoveReason };

export type ExplainedPick =
  /** `certain`: the next request like this one goes there. Otherwise lots are drawn, and this is one possible result. */
  | { readonly server: string; readonly certain: boolean }
  /** Every server is at its limit: the request waits in the queue. */
  | { readonly queued: true }
  | { readonly answer: ExplainedAnswer };

export interface ExplainedCandidate {
  /** address:port */
  readonly server: string;
  readonly weight: number;
  /** Below `weight` while it starts slowly. */
  readonly effectiveWeight: number;
  readonly priority: number;
  /** "" for none. */
  readonly zone: string;
  readonly state: string;
  readonly verdict: 'unknown' | 'healthy' | 'unhealthy';
  readonly ejected: boolean;
  /** Since when verdict and ejection are so; absent when nothing finds out. */
  readonly since?: string;
  /** "" when there is none. */
  readonly lastError: string;
  readonly inFlight: number;
  /** Whether a request without a session may go there. */
  readonly in: boolean;
  readonly reason?: CandidateReason;
}

/** Why a server is out. lower_tier: servers of a lower priority number take the requests. */
export type CandidateReason =
  'draining' | 'disabled' | 'unhealthy' | 'ejected' | 'at_limit' | 'gone' | 'lower_tier' | 'other_state';
