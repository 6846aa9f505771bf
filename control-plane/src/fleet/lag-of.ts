import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { VersionTimes } from './version-times.ts';

/** How far what is served is behind the newest version. */
export interface Lag {
  /** How many versions were published since. */
  readonly versions: number;
  /** Milliseconds since the first of them was published, as far back as this control plane knows; 0 when there is none. */
  readonly ms: number;
}

export interface LagInput {
  readonly newest: SnapshotId;
  readonly times: VersionTimes;
  /** Of the clock that `times` was filled by. */
  readonly now: number;
}

/** The lag of what is served, "" and 0 for nothing; undefined when that belongs to another history than the newest. */
export function lagOf(served: SnapshotId, { newest, times, now }: LagInput): Lag | undefined {
  const { epoch, version } = served;
  if (version > newest.version || (version > 0 && epoch !== newest.epoch)) return undefined;
  const since = times.firstAfter(version);
  return { versions: newest.version - version, ms: since === undefined ? 0 : Math.max(0, now - since) };
}
