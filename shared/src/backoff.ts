export interface BackoffOptions {
  /** Upper bound of the first delay. */
  readonly baseMs: number;
  /** Upper bound of every delay. */
  readonly maxMs: number;
  /** From 0 (included) to 1. Default Math.random. */
  readonly random?: () => number;
}

/**
 * Delay before attempt `attempt` (0, 1, 2…): drawn evenly from half of an exponentially growing bound to the whole of
 * it, so that many clients do not come back together.
 */
export function backoffDelay(attempt: number, options: BackoffOptions): number {
  const bound = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return bound / 2 + ((options.random ?? Math.random)() * bound) / 2;
}
