import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { DataPlaneRecord, DataPlaneState, Fleet } from './fleet-state.ts';
import { stateOf } from './state-of.ts';

/** How far a version has come. */
export interface Convergence {
  readonly version: number;
  readonly converged: boolean;
  /** Everyone who is known, by id. */
  readonly dataPlanes: readonly DataPlaneConvergence[];
}

export interface DataPlaneConvergence {
  readonly id: string;
  /** How it stands to the newest version, which may be above the one that was asked for. */
  readonly state: DataPlaneState;
  readonly epoch: string;
  readonly version: number;
  /** Whether it serves the version that was asked for, or a later one, on all of its threads. */
  readonly serves: boolean;
}

/** What is asked. */
export interface ConvergenceQuestion {
  /** Not above that of the newest snapshot. */
  readonly version: number;
  /** Whether those that have gone do not count. */
  readonly ignoreGone: boolean;
}

/**
 * Whether a version is live everywhere: there is a connected data plane, and every known one serves the version or a
 * later one of this epoch. One that has gone blocks until it is forgotten, because nobody knows what it serves.
 */
export function convergenceOf(fleet: Fleet, newest: SnapshotId, question: ConvergenceQuestion): Convergence {
  const records = [...fleet.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const asked = { epoch: newest.epoch, from: question.version, to: newest.version };
  const counted = records.filter((record) => record.connected || !question.ignoreGone);
  const converged = counted.some(({ connected }) => connected) && counted.every((record) => serves(record, asked));
  return { version: question.version, converged, dataPlanes: records.map((record) => describe(record, newest, asked)) };
}

/** Versions of one epoch, both ends included. */
export interface VersionSpan {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** Whether a data plane is there and serves a version of the span. One above the span holds another history. */
export function serves(record: Pick<DataPlaneRecord, 'connected' | 'epoch' | 'version'>, span: VersionSpan): boolean {
  const { connected, epoch, version } = record;
  return connected && epoch === span.epoch && version >= span.from && version <= span.to;
}

function describe(record: DataPlaneRecord, newest: SnapshotId, asked: VersionSpan): DataPlaneConvergence {
  const { id, epoch, version } = record;
  return { id, state: stateOf(record, newest), epoch, version, serves: serves(record, asked) };
}
