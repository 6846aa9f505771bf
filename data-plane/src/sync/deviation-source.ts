/** A server that is probed and not healthy. */
export interface Deviation {
  /** `backend/address:port` */
  readonly server: string;
  /** unknown: has never answered a probe, or not yet. */
  readonly verdict: 'unknown' | 'unhealthy';
  /** Unix time in milliseconds. */
  readonly sinceMs: number;
  /** Why the last probe failed, "" when none has. */
  readonly lastError: string;
  /** With unhealthy: it gets no requests because requests have failed, whatever probes say. Default false. */
  readonly ejected?: boolean;
}

/** What the control plane is told about health: the servers that are not healthy, and nothing of the others. */
export interface DeviationSource {
  /** Every deviation there is now. */
  all(): Iterable<Deviation>;
  /** The deviation of one server; undefined when it is healthy, not probed or gone. */
  get(server: string): Deviation | undefined;
  /** Calls back with the server's key whenever `get` would answer otherwise than before. Returns how to stop. */
  onChange(listener: (server: string) => void): () => void;
}
