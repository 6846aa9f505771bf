/** How much a caller may send, and for how long. */
export interface ApiLimits {
  /** Content of a request. */
  readonly contentBytes: number;
  /** From the end of the head to the end of the content. */
  readonly contentTimeoutMs: number;
  /** Request line and headers together. */
  readonly headBytes: number;
  readonly headTimeoutMs: number;
  /** What is left of a refused request is read up to here, so that its answer arrives. */
  readonly discardedBytes: number;
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number;
  /** A connection on which nothing moves is cut; longer than the longest wait for an answer. */
  readonly silenceMs: number;
  /** At once; further ones are closed. */
  readonly connections: number;
  /** How long `close` lets requests finish. */
  readonly drainMs: number;
}

export const apiLimitDefaults: ApiLimits = {
  contentBytes: 16 * 1024 * 1024,
  contentTimeoutMs: 60_000,
  headBytes: 16 * 1024,
  headTimeoutMs: 10_000,
  discardedBytes: 64 * 1024 * 1024,
  keepAliveMs: 75_000,
  silenceMs: 360_000,
  connections: 1_024,
  drainMs: 10_000,
};
