import type { Unavailability } from '../balancing/availability.ts';

/** Why a request leaves the server that its cookie names. */
export type MoveReason = Unavailability | 'disabled';

/** What has become of the session of a request that a server has answered. */
export type SessionOutcome = 'kept' | 'moved' | 'new';

/**
 * What becomes of the session of a request. `new`: it has no cookie that any key that holds has made for a server of the
 * backend, and is balanced like the first one of a client.
 */
export type SessionDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'kept'; readonly server: string }
  /** `server` is the one that the cookie names. */
  | { readonly kind: 'moved'; readonly server: string; readonly reason: MoveReason }
  | { readonly kind: 'new' };
