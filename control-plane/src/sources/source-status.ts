import type { Fault } from '@headgate/shared/model/fault';

/**
 * How a source does: `starting` has said nothing yet, `current` was read at the last attempt, `stale` was not, and what it
 * said last holds, `held` was read, and what it says is not applied.
 */
export const sourceStates = ['starting', 'current', 'stale', 'held'] as const;
export type SourceState = (typeof sourceStates)[number];

/** What is known of a source. Times are Unix times in milliseconds. */
export interface SourceStatus {
  readonly state: SourceState;
  /** Since when the state is so. */
  readonly since: number;
  /** When it was last read; undefined when it never was. */
  readonly lastSuccess: number | undefined;
  /** When what it brings changed last. */
  readonly lastChange: number | undefined;
  /** Why it is not current; "" when it is. */
  readonly error: string;
  /** How many servers (of a layer: servers of all its backends) it brings. */
  readonly entries: number;
  /** How many of what it says is left out, because it is not valid. */
  readonly skipped: number;
  /** Why, for the first of them, and why a document is held. */
  readonly faults: readonly Fault[];
  /** Attempts that have failed since the start. */
  readonly failures: number;
}

export function startingStatus(now: number, entries: number): SourceStatus {
  return {
    state: 'starting',
    since: now,
    lastSuccess: undefined,
    lastChange: undefined,
    error: '',
    entries,
    skipped: 0,
    faults: [],
    failures: 0,
  };
}

/** The status after a change of it: `since` moves with the state. */
export function withStatus(before: SourceStatus, now: number, change: Partial<SourceStatus>): SourceStatus {
  const state = change.state ?? before.state;
  return { ...before, ...change, state, since: state === before.state ? before.since : now };
}

/** The status after an attempt that has failed: what the source said last holds. */
export function failedStatus(before: SourceStatus, now: number, { message: error }: Error): SourceStatus {
  return withStatus(before, now, { state: 'stale', error, failures: before.failures + 1 });
}
