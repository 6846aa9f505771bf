import { encodeObject } from '@headgate/proto/object-codec';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { backend, server } from '../routing/snapshot-objects.cases.ts';
import { TimeSlice } from '../routing/time-slice.ts';
import { BadCopyError } from './bad-copy-error.ts';
import { CopyImage } from './copy-image.ts';
import type { JournalStep, StepHeader } from './disk-copy-format.ts';

function digestOf(...objects: readonly SnapshotObject[]): string {
  const digest = new SetDigest();
  for (const { kind, body } of objects.map(encodeObject)) digest.add(kind, body);
  return digest.toBytes().toString('hex');
}

describe('putting a copy together', () => {
  const web = backend('web');
  let image: CopyImage;
  beforeEach(() => {
    image = new CopyImage({ epoch: 'e', version: 4, digest: '', objects: 1, savedAt: 100, leftEpochs: [] });
    image.put(encodeObject(web));
  });

  function step(header: Partial<StepHeader>, objects: readonly SnapshotObject[] = [server('web', 1)]): JournalStep {
    const upserts = objects.map(encodeObject);
    const digest = digestOf(web, ...objects);
    return {
      header: { epoch: 'e', from: 4, version: 5, digest, upserts: 1, removals: 0, savedAt: 200, ...header },
      upserts,
      removals: [],
    };
  }

  it('goes on with a step that follows', async () => {
    image.apply(step({}));
    const { id, objects } = await image.held(new TimeSlice(5));
    expect(id).toEqual({ epoch: 'e', version: 5 });
    expect([...objects.keys()].sort()).toEqual(['backend/web', 'server/web/10.0.0.1:1']);
    expect(image.savedAt).toBe(200);
  });

  it.each<[string, Partial<StepHeader>]>([
    ['begins at another version', { from: 3 }],
    ['is of another epoch', { epoch: 'f' }],
    ['leads to another digest', { digest: digestOf(web) }],
  ])('refuses a step that %s, and stays as it was', async (_, header) => {
    expect(() => image.apply(step(header))).toThrow(BadCopyError);
    const { id, objects, digest } = await image.held(new TimeSlice(5));
    expect(id.version).toBe(4);
    expect(objects.size).toBe(1);
    expect(digest.toBytes().toString('hex')).toBe(digestOf(web));
    expect(image.savedAt).toBe(100);
  });

  it('refuses an object that comes twice, and one that it cannot read', () => {
    expect(() => image.put(encodeObject(web))).toThrow(BadCopyError);
    expect(() => image.put({ kind: 6, body: Buffer.from('x') })).toThrow(BadCopyError);
  });
});
