import { ConnectResponse, type SnapshotUpdate } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { EncodedObject } from '@headgate/proto/object-codec';
import type { RemovedObject } from '@headgate/proto/object-kind';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';

/** What an update consists of. */
export interface UpdateContent {
  readonly id: SnapshotId;
  /** 0 for a full snapshot. */
  readonly baseVersion: number;
  /** Of the whole snapshot at `id`. */
  readonly digest: Buffer;
  readonly changes: Iterable<EncodedObject | RemovedObject>;
}

/** Below what the protocol allows: making or reading one chunk must not hold the event loop for long. */
export const CHUNK_BYTES = 64 * 1_024;

/** Upper bound of what the wire adds to one object or key: tags, lengths, kind. */
const FRAMING_BYTES = 16;

/** The update as messages ready to be sent, in order, each made when it is asked for. There is at least one. */
export function* encodeUpdate(content: UpdateContent, chunkBytes = CHUNK_BYTES): Generator<Buffer> {
  let chunk = emptyChunk(content, 0);
  let bytes = 0;
  for (const change of content.changes) {
    const size = sizeOf(change);
    if (bytes > 0 && bytes + size > chunkBytes) {
      yield encode(chunk);
      chunk = emptyChunk(content, chunk.chunk + 1);
      bytes = 0;
    }
    if ('body' in change) chunk.upserts.push({ kind: change.kind as WireKind, body: change.body });
    else chunk.removals.push({ kind: change.kind as WireKind, name: change.name });
    bytes += size;
  }
  yield encode({ ...chunk, last: true, digest: content.digest });
}

type WireKind = SnapshotUpdate['upserts'][number]['kind'];

function sizeOf(change: EncodedObject | RemovedObject): number {
  return FRAMING_BYTES + ('body' in change ? change.body.length : Buffer.byteLength(change.name));
}

function emptyChunk(content: UpdateContent, chunk: number): SnapshotUpdate {
  return {
    ...content.id,
    baseVersion: content.baseVersion,
    chunk,
    upserts: [],
    removals: [],
    last: false,
    digest: Buffer.alloc(0),
    requiredFeatures: [],
  };
}

function encode(update: SnapshotUpdate): Buffer {
  const bytes = ConnectResponse.encode({ message: { $case: 'update', value: update } }).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
