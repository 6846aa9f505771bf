import type { EncodedObject } from '@headgate/proto/object-codec';
import { removalOf, type RemovedObject } from '@headgate/proto/object-kind';
import type { ObjectKey } from '@headgate/shared/snapshot/snapshot-object';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { SnapshotLog } from '../snapshot/snapshot-log.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { encodeUpdate } from './encode-update.ts';

/** An update while one stream sends it. */
export interface UpdateLease {
  readonly id: SnapshotId;
  /** 0 for a full snapshot. */
  readonly baseVersion: number;
  /** The message of a chunk, made when it is first asked for; undefined after the last. */
  chunk(index: number): Buffer | undefined;
  /** The stream needs it no more. */
  release(): void;
}

interface SharedUpdate {
  readonly id: SnapshotId;
  readonly baseVersion: number;
  readonly source: Iterator<Buffer>;
  readonly chunks: Buffer[];
  users: number;
}

/**
 * Encodes each update once, however many streams send it, and keeps it only while one of them does. Streams at
 * different places of one update share its chunks; the first to need a chunk makes it.
 */
export class UpdateCache {
  readonly #log: SnapshotLog;
  readonly #updates = new Map<string, SharedUpdate>();

  constructor(log: SnapshotLog) {
    this.#log = log;
  }

  /** How many updates are kept. */
  get size(): number {
    return this.#updates.size;
  }

  /** From version `base` to the newest snapshot; in full when `base` is 0 or too old, or when that is shorter. */
  lease(base: number): UpdateLease {
    const snapshot = this.#log.latest.value;
    const from = base > 0 && this.#log.reaches(base) ? base : 0;
    const name = `${from}/${snapshot.id.version}`;
    const shared = this.#updates.get(name) ?? this.#make(from, snapshot);
    this.#updates.set(name, shared);
    shared.users++;
    return this.#leaseOf(name, shared);
  }

  #make(base: number, snapshot: Snapshot): SharedUpdate {
    const { id, digest } = snapshot;
    const keys = base === 0 ? undefined : this.#log.deltaKeys(base);
    const full = keys === undefined || keys.size > snapshot.objects.size;
    const changes = full ? snapshot.objects.values() : changesOf(snapshot, keys);
    const baseVersion = full ? 0 : base;
    const source = encodeUpdate({ id, baseVersion, digest: digest.toBytes(), changes });
    return { id, baseVersion, source, chunks: [], users: 0 };
  }

  #leaseOf(name: string, shared: SharedUpdate): UpdateLease {
    let held = true;
    return {
      id: shared.id,
      baseVersion: shared.baseVersion,
      chunk: (index) => chunkOf(shared, index),
      release: () => {
        if (!held) return;
        held = false;
        if (--shared.users === 0) this.#updates.delete(name);
      },
    };
  }
}

function chunkOf(shared: SharedUpdate, index: number): Buffer | undefined {
  while (shared.chunks.length <= index) {
    const next = shared.source.next();
    if (next.done === true) return undefined;
    shared.chunks.push(next.value);
  }
  return shared.chunks[index];
}

function* changesOf(snapshot: Snapshot, keys: ReadonlySet<ObjectKey>): Generator<EncodedObject | RemovedObject> {
  for (const key of keys) yield snapshot.objects.get(key) ?? removalOf(key);
}
