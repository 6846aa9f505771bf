import type { Server } from '@headgate/shared/model/server';
import type { Candidate } from '../balancing/candidate.ts';
import type { ServerSlot } from '../upstream/server-slots.ts';
import type { StateChange } from './serving-table.ts';
import type { TimeSlice } from './time-slice.ts';

/** What the change asks of the servers of one backend. */
export interface CandidateChange {
  readonly before: readonly Candidate[];
  /** By key; undefined for those that leave. */
  readonly changes: ReadonlyMap<string, Server | undefined>;
  /** The slot of a server that the backend has not had. */
  readonly acquire: (key: string, server: Server) => ServerSlot;
  /** Told of every server whose state is another, and of new ones that are not active. */
  readonly noteState: (change: StateChange) => void;
}

/** The servers of a backend after a change, sorted by key. Those that do not change are the same objects. */
export async function mergeCandidates(change: CandidateChange, slice: TimeSlice): Promise<readonly Candidate[]> {
  const { before, changes, acquire, noteState } = change;
  const upserts = [...changes].filter(isUpsert).sort(byKey);
  const merged: Candidate[] = [];
  let next = 0;
  for (const [key, server] of upserts) {
    if (slice.isOver()) await slice.pause();
    for (; next < before.length && before[next]!.server.key < key; next++) keep(before[next]!);
    const known = before[next]?.server.key === key ? before[next++] : undefined;
    const { weight, priority, state, zone, labels } = server;
    const candidate = { server: known?.server ?? acquire(key, server), weight, priority, state, zone, labels };
    merged.push(candidate);
    if (state !== (known?.state ?? 'active'))
      noteState({ server: candidate.server, before: known?.state, after: state });
  }
  for (; next < before.length; next++) keep(before[next]!);
  return merged;

  function keep(candidate: Candidate): void {
    if (!changes.has(candidate.server.key)) merged.push(candidate);
  }
}

function isUpsert(change: readonly [string, Server | undefined]): change is [string, Server] {
  return change[1] !== undefined;
}

function byKey([a]: readonly [string, Server], [b]: readonly [string, Server]): number {
  return a < b ? -1 : 1;
}
