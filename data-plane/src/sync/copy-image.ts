import { decodeObject, type EncodedObject } from '@headgate/proto/object-codec';
import { keyOfRemoval, type RemovedObject } from '@headgate/proto/object-kind';
import { UndecodableObjectError } from '@headgate/proto/undecodable-object-error';
import { ShardedMap } from '@headgate/shared/sharded-map';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import { keyOf, type ObjectKey, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { TimeSlice } from '../routing/time-slice.ts';
import { BadCopyError } from './bad-copy-error.ts';
import type { BaseHeader, JournalStep } from './disk-copy-format.ts';
import type { HeldSnapshot } from './held-snapshot.ts';

interface Entry {
  readonly encoded: EncodedObject;
  readonly object: SnapshotObject;
}

/** The snapshot of a copy while it is put together from its base and journal. */
export class CopyImage {
  readonly leftEpochs: readonly string[];
  readonly #entries = new Map<ObjectKey, Entry>();
  #digest = new SetDigest();
  readonly #epoch: string;
  #version: number;
  #savedAt: number;

  constructor(header: BaseHeader) {
    this.leftEpochs = header.leftEpochs;
    this.#epoch = header.epoch;
    this.#version = header.version;
    this.#savedAt = header.savedAt;
  }

  /** Unix time in milliseconds. */
  get savedAt(): number {
    return this.#savedAt;
  }

  get objects(): readonly SnapshotObject[] {
    return [...this.#entries.values()].map(({ object }) => object);
  }

  /** @throws BadCopyError for an object that this release cannot read. */
  put(encoded: EncodedObject): void {
    const entry = entryOf(encoded);
    const key = keyOf(entry.object);
    if (this.#entries.has(key)) throw new BadCopyError('has an object twice');
    this.#entries.set(key, entry);
    this.#digest.add(encoded.kind, encoded.body);
  }

  /** @throws BadCopyError when the objects are not those that were written. */
  expectDigest(digest: string): void {
    if (!hasDigest(this.#digest, digest)) throw new BadCopyError('has objects of another digest');
  }

  /** @throws BadCopyError when the step does not fit. Then the image is unchanged. */
  apply({ header, upserts, removals }: JournalStep): void {
    const follows = header.epoch === this.#epoch && header.from === this.#version;
    if (!follows) throw new BadCopyError(`has a step from version ${header.from} after version ${this.#version}`);
    const entries = upserts.map(entryOf);
    const removed = removals.map(keyOfRemoved);
    const digest = this.#digest.clone();
    for (const key of [...removed, ...entries.map(({ object }) => keyOf(object))]) this.#subtract(digest, key);
    for (const { encoded } of entries) digest.add(encoded.kind, encoded.body);
    if (!hasDigest(digest, header.digest)) throw new BadCopyError('has a step to another digest');
    for (const key of removed) this.#entries.delete(key);
    for (const entry of entries) this.#entries.set(keyOf(entry.object), entry);
    this.#digest = digest;
    this.#version = header.version;
    this.#savedAt = header.savedAt;
  }

  /** What is held when this image is served. */
  async held(slice: TimeSlice): Promise<HeldSnapshot> {
    const draft = ShardedMap.empty<EncodedObject>().edit();
    for (const [key, { encoded }] of this.#entries) {
      if (slice.isOver()) await slice.pause();
      draft.set(key, encoded);
    }
    return { id: { epoch: this.#epoch, version: this.#version }, objects: draft.done(), digest: this.#digest };
  }

  #subtract(digest: SetDigest, key: ObjectKey): void {
    const old = this.#entries.get(key);
    if (old !== undefined) digest.remove(old.encoded.kind, old.encoded.body);
  }
}

function entryOf(encoded: EncodedObject): Entry {
  try {
    return { encoded, object: decodeObject(encoded.kind, encoded.body) };
  } catch (error) {
    if (error instanceof UndecodableObjectError) throw new BadCopyError(`has an object that ${error.message}`);
    throw error;
  }
}

function keyOfRemoved(removal: RemovedObject): ObjectKey {
  const key = keyOfRemoval(removal);
  if (key === undefined) throw new BadCopyError(`has a removal of kind ${removal.kind}`);
  return key;
}

function hasDigest(digest: SetDigest, expected: string): boolean {
  return digest.toBytes().toString('hex') === expected;
}
