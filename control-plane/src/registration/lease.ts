/** Which server a lease is of. */
export interface LeaseName {
  readonly backend: string;
  /** address:port */
  readonly endpoint: string;
}

/** A registration that lives as long as its heartbeats. Times are of the monotonic clock, in milliseconds. */
export interface Lease extends LeaseName {
  readonly ttlMs: number;
  /** When a heartbeat came last; undefined when none has come since the start. */
  readonly heardAt: number | undefined;
  /** When it ends without a further one. */
  readonly dueAt: number;
}

/** A lease as the table keeps it. */
export interface HeldLease extends Lease {
  ttlMs: number;
  heardAt: number | undefined;
  dueAt: number;
  /** From when its time counts: its last heartbeat, or when it was given a full time without one. */
  countedFrom: number;
  /** Between its last two heartbeats; undefined when there were none. */
  gapMs: number | undefined;
  /** It has missed a heartbeat. */
  silent: boolean;
  /** Second in which it is looked at next; undefined while it is due and waits for a decision. */
  second: number | undefined;
}

/**
 * How long after a heartbeat a lease counts as silent: half its time, which is a missed heartbeat of a server that beats
 * every third of it; half as much again as the server's own pause where it beats more rarely, but never beyond its time.
 */
export function patienceMs({ ttlMs, gapMs = 0 }: Pick<HeldLease, 'ttlMs' | 'gapMs'>): number {
  return Math.min(ttlMs, Math.max(ttlMs / 2, 1.5 * gapMs));
}

/** When a lease is to be looked at next. */
export function nextLookAt(lease: HeldLease): number {
  return lease.silent ? lease.dueAt : Math.min(lease.dueAt, lease.countedFrom + patienceMs(lease));
}
