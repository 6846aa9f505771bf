import type { Ejection } from '@headgate/shared/model/ejection';

/** How a server has behaved until now. */
export interface EjectionHistory {
  /** How often it was ejected, less what good time has taken off since. */
  readonly times: number;
  /** Since it came back the last time. */
  readonly quietMs: number;
}

/**
 * For how long a server is ejected that is ejected again: the base time, times how often, at most the maximum. Each
 * whole base time that it has spent in use since takes one off the count, so that old sins are forgotten.
 */
export function ejectionTime(
  { times, quietMs }: EjectionHistory,
  { baseTimeMs, maxTimeMs }: Pick<Ejection, 'baseTimeMs' | 'maxTimeMs'>,
): { readonly times: number; readonly durationMs: number } {
  const forgiven = Math.floor(quietMs / baseTimeMs);
  const count = Math.max(0, times - forgiven) + 1;
  return { times: count, durationMs: Math.min(baseTimeMs * count, maxTimeMs) };
}
