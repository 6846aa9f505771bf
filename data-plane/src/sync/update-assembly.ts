import type { SnapshotUpdate } from '@headgate/proto/generated/headgate/v1/control_plane';
import { keepBytes } from '@headgate/proto/keep-bytes';
import type { EncodedObject } from '@headgate/proto/object-codec';
import type { RemovedObject } from '@headgate/proto/object-kind';
import type { CompleteUpdate } from './complete-update.ts';

/** What one update may bring. */
export interface UpdateLimits {
  readonly objects: number;
  readonly bytes: number;
}

/** 100,000 backends and hosts each with ten servers, and room to spare. */
export const updateLimitDefaults: UpdateLimits = { objects: 4_000_000, bytes: 1_024 * 1_024 * 1_024 };

/** The control plane has not kept to the protocol: the stream is of no more use. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Collects the chunks of updates, one update after the other. */
export class UpdateAssembly {
  readonly #limits: UpdateLimits;
  #first: SnapshotUpdate | undefined;
  #next = 0;
  #bytes = 0;
  #tooLarge = false;
  #upserts: EncodedObject[] = [];
  #removals: RemovedObject[] = [];

  constructor(limits: UpdateLimits = updateLimitDefaults) {
    this.#limits = limits;
  }

  /**
   * The update, when this was its last chunk.
   * @throws ProtocolError when the chunk does not follow the one before.
   */
  add(chunk: SnapshotUpdate): CompleteUpdate | undefined {
    const first = this.#first ?? chunk;
    if (chunk.chunk !== this.#next) throw new ProtocolError(`chunk ${chunk.chunk} came instead of ${this.#next}`);
    if (!sameUpdate(first, chunk)) throw new ProtocolError('a chunk of another update came before the last one');
    this.#first = first;
    this.#next++;
    this.#keep(chunk);
    return chunk.last ? this.#finish(first, chunk) : undefined;
  }

  #keep(chunk: SnapshotUpdate): void {
    for (const { body } of chunk.upserts) this.#bytes += body.length;
    for (const { name } of chunk.removals) this.#bytes += name.length;
    // Those of a full snapshot lie side by side as they came.
    const keep = chunk.baseVersion === 0 ? (upsert: EncodedObject) => upsert : keepUpsert;
    for (const upsert of chunk.upserts) this.#upserts.push(keep(upsert));
    for (const removal of chunk.removals) this.#removals.push(removal);
    const objects = this.#upserts.length + this.#removals.length;
    this.#tooLarge ||= objects > this.#limits.objects || this.#bytes > this.#limits.bytes;
    if (this.#tooLarge) this.#drop();
  }

  #finish(first: SnapshotUpdate, last: SnapshotUpdate): CompleteUpdate {
    const { epoch, version, baseVersion, requiredFeatures } = first;
    const [upserts, removals, tooLarge] = [this.#upserts, this.#removals, this.#tooLarge];
    this.#drop();
    this.#first = undefined;
    this.#next = 0;
    this.#bytes = 0;
    this.#tooLarge = false;
    return {
      id: { epoch, version },
      baseVersion,
      requiredFeatures,
      upserts,
      removals,
      digest: last.digest,
      tooLarge,
    };
  }

  #drop(): void {
    this.#upserts = [];
    this.#removals = [];
  }
}

/** Few objects in a message: what else was in its memory would stay as long as they do. */
function keepUpsert({ kind, body }: EncodedObject): EncodedObject {
  return { kind, body: keepBytes(body) };
}

function sameUpdate(a: SnapshotUpdate, b: SnapshotUpdate): boolean {
  return a.epoch === b.epoch && a.version === b.version && a.baseVersion === b.baseVersion;
}
