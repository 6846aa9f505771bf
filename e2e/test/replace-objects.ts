import { ConnectResponse, SnapshotUpdate, type ObjectKind } from '@headgate/proto/generated/headgate/v1/control_plane';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';

/**
 * An update on its way down with other bodies for its objects of one kind, and a digest that fits them, as a faulty control
 * plane would send it. Other messages stay as they are.
 */
export function replaceObjects(bytes: Buffer, kind: ObjectKind, replace: (body: Uint8Array) => Uint8Array): Buffer {
  const response = ConnectResponse.decode(bytes);
  if (response.message?.$case !== 'update') return bytes;
  const update = response.message.value;
  const digest = new SetDigest(lanesOf(update.digest));
  const upserts = update.upserts.map((object) => {
    if (object.kind !== kind) return object;
    const body = Buffer.from(replace(object.body));
    digest.remove(kind, object.body);
    digest.add(kind, body);
    return { ...object, body };
  });
  const value = SnapshotUpdate.fromPartial({ ...update, upserts, digest: digest.toBytes() });
  return Buffer.from(ConnectResponse.encode({ message: { $case: 'update', value } }).finish());
}

function lanesOf(digest: Uint8Array): Uint32Array {
  const bytes = Buffer.from(digest);
  return Uint32Array.from([0, 4, 8, 12], (offset) => bytes.readUInt32LE(offset));
}
