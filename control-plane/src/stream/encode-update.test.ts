import { ConnectResponse, type SnapshotUpdate } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { EncodedObject } from '@headgate/proto/object-codec';
import { encodeUpdate } from './encode-update.ts';

const id = { epoch: 'e', version: 7 };
const digest = Buffer.alloc(16, 3);

function decode(message: Buffer): SnapshotUpdate {
  const response = ConnectResponse.decode(message);
  if (response.message?.$case !== 'update') throw new Error('no update');
  return response.message.value;
}

function objects(count: number, bytes: number): EncodedObject[] {
  return Array.from({ length: count }, (_, index) => ({ kind: 2, body: Buffer.alloc(bytes, index) }));
}

describe('encoding an update', () => {
  it('is one last chunk with the digest when there is nothing in it', () => {
    const chunks = [...encodeUpdate({ id, baseVersion: 6, digest, changes: [] })].map(decode);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]).toMatchObject({ ...id, baseVersion: 6, chunk: 0, last: true, digest, upserts: [], removals: [] });
  });

  it('numbers its chunks and ends with one last', () => {
    const chunks = [...encodeUpdate({ id, baseVersion: 0, digest, changes: objects(10, 100) }, 300)].map(decode);
    expect(chunks.map(({ chunk }) => chunk)).toEqual(chunks.map((_, index) => index));
    expect(chunks.map(({ last }) => last)).toEqual([...chunks.slice(1).map(() => false), true]);
    expect(chunks.slice(0, -1).every((chunk) => chunk.digest.length === 0)).toBe(true);
  });

  it('carries every object whole, once, in chunks that keep to their size', () => {
    const changes = objects(50, 100);
    const messages = [...encodeUpdate({ id, baseVersion: 0, digest, changes }, 1_000)];
    expect(messages.length).toBeGreaterThan(5);
    for (const message of messages) expect(message.length).toBeLessThan(1_100);
    const sent = messages.flatMap((message) => decode(message).upserts);
    expect(sent.map(({ kind, body }) => ({ kind, body }))).toEqual(changes);
  });

  it('gives an object that is larger than a chunk one of its own', () => {
    const changes = [...objects(1, 10), ...objects(1, 5_000), ...objects(1, 10)];
    const chunks = [...encodeUpdate({ id, baseVersion: 0, digest, changes }, 1_000)].map(decode);
    expect(chunks.map(({ upserts }) => upserts.map(({ body }) => body.length))).toEqual([[10], [5_000], [10]]);
  });

  it('names what is removed', () => {
    const changes = [{ kind: 3, name: 'a.example' }, ...objects(1, 10)];
    const [chunk] = [...encodeUpdate({ id, baseVersion: 6, digest, changes })].map(decode);
    expect(chunk!.removals).toEqual([{ kind: 3, name: 'a.example' }]);
    expect(chunk!.upserts).toHaveLength(1);
  });

  it('makes a chunk only when it is asked for', () => {
    let taken = 0;
    function* counted(): Generator<EncodedObject> {
      for (const object of objects(100, 100)) {
        taken++;
        yield object;
      }
    }
    const chunks = encodeUpdate({ id, baseVersion: 0, digest, changes: counted() }, 1_000);
    expect(taken).toBe(0);
    chunks.next();
    expect(taken).toBeLessThan(20);
  });
});
