import { decodeObject, type EncodedObject } from '@headgate/proto/object-codec';
import { keyOf, type ObjectKey, type SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import type { SnapshotId } from '@headgate/shared/snapshot/snapshot-id';
import type { SnapshotChange } from '../routing/serving-table.ts';
import type { TimeSlice } from '../routing/time-slice.ts';

/** A change on its way to threads: its objects are packed once, for all of them, in memory that they share. */
export interface PackedChange {
  readonly id: SnapshotId;
  readonly full: boolean;
  readonly removals: readonly ObjectKey[];
  /** How many objects there are. */
  readonly objects: number;
  /** Of each: kind (one byte), number and length (four bytes each, little-endian), body. */
  readonly bytes: Uint8Array;
}

/** An object as it came, and the number that the main thread has given to its server or backend; 0 for others. */
export interface NumberedObject {
  readonly encoded: EncodedObject;
  readonly number: number;
}

/** A change that was unpacked, and the numbers of its servers and backends by key and name. */
export interface UnpackedChange {
  readonly change: SnapshotChange;
  readonly servers: ReadonlyMap<string, number>;
  readonly backends: ReadonlyMap<string, number>;
}

const HEAD_BYTES = 9;

/** Packs objects in slices. */
export async function packChange(
  { id, full, removals }: Omit<SnapshotChange, 'upserts'>,
  objects: Iterable<NumberedObject>,
  slice: TimeSlice,
): Promise<PackedChange> {
  const listed: NumberedObject[] = [];
  let size = 0;
  for (const object of objects) {
    if (slice.isOver()) await slice.pause();
    listed.push(object);
    size += HEAD_BYTES + object.encoded.body.length;
  }
  const bytes = Buffer.from(new SharedArrayBuffer(size));
  let at = 0;
  for (const object of listed) {
    if (slice.isOver()) await slice.pause();
    at = write(bytes, at, object);
  }
  return { id, full, removals, objects: listed.length, bytes };
}

function write(bytes: Buffer, at: number, { encoded: { kind, body }, number }: NumberedObject): number {
  bytes.writeUInt8(kind, at);
  bytes.writeUInt32LE(number, at + 1);
  bytes.writeUInt32LE(body.length, at + 5);
  body.copy(bytes, at + HEAD_BYTES);
  return at + HEAD_BYTES + body.length;
}

/** Unpacks a change in slices. */
export async function unpackChange(packed: PackedChange, slice: TimeSlice): Promise<UnpackedChange> {
  const { id, full, removals, objects, bytes } = packed;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const upserts: SnapshotObject[] = [];
  const [servers, backends] = [new Map<string, number>(), new Map<string, number>()];
  for (let left = objects, at = 0; left > 0; left--) {
    if (slice.isOver()) await slice.pause();
    const end = at + HEAD_BYTES + view.getUint32(at + 5, true);
    // A copy: texts are not decoded from shared memory everywhere.
    const object = decodeObject(view.getUint8(at), Buffer.from(bytes.subarray(at + HEAD_BYTES, end)));
    upserts.push(object);
    if (object.kind === 'server') servers.set(keyOf(object).slice('server/'.length), view.getUint32(at + 1, true));
    if (object.kind === 'backend') backends.set(object.value.name, view.getUint32(at + 1, true));
    at = end;
  }
  return { change: { id, full, upserts, removals }, servers, backends };
}
