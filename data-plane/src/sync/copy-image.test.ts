import { encodeObject } from '@headgate/proto/object-codec';
import { removalOf } from '@headgate/proto/object-kind';
import { SetDigest } from '@headgate/shared/snapshot/set-digest';
import type { SnapshotObject } from '@headgate/shared/snapshot/snapshot-object';
import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
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
    image = imageOf(web);
  });

  function imageOf(...objects: readonly SnapshotObject[]): CopyImage {
    const digest = digestOf(...objects);
    const encoded = objects.map(encodeObject);
    const header = { epoch: 'e', version: 4, digest, objects: objects.length, savedAt: 100, leftEpochs: [] };
    const made = new CopyImage(header, Buffer.concat(encoded.map(({ body }) => body)));
    let offset = 0;
    for (const { kind, body } of encoded) {
      made.add(kind, offset, body.length);
      offset += body.length;
    }
    return made;
  }

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

  it('changes and removes servers of the base, and leaves the others as they were', async () => {
    const servers = [server('web', 1), server('web', 2), server('web', 3)];
    image = imageOf(host('a.example', 'web'), ...servers, web);
    const heavy = server('web', 2, { weight: 9 });
    const header = { digest: digestOf(host('a.example', 'web'), servers[0]!, heavy, web) };
    image.apply({ ...step(header, [heavy]), removals: [removalOf('server/web/10.0.0.1:3')] });
    expect(image.snapshot().backends.get('web')?.servers).toBe(2);
    const { settings, servers: left } = image.snapshot().backends.get('web')!.read();
    expect(settings).toEqual(web.value);
    expect(left).toEqual([servers[0]!.value, heavy.value]);
    const { objects } = await image.held(new TimeSlice(5));
    expect(objects.size).toBe(4);
    expect(objects.get('server/web/10.0.0.1:2')).toEqual(encodeObject(heavy));
  });

  it('has no backend that a step has removed', () => {
    image.apply({ ...step({ digest: digestOf() }, []), removals: [removalOf('backend/web')] });
    expect([...image.snapshot().backends.keys()]).toEqual([]);
  });

  it('refuses an object that comes twice, and one that it cannot read', () => {
    expect(() => imageOf(web, web)).toThrow(BadCopyError);
    expect(() => imageOf(host('a.example', 'web'), host('a.example', 'web'))).toThrow(BadCopyError);
    const { length } = encodeObject(web).body;
    expect(() => image.add(6, 0, length)).toThrow(BadCopyError);
    expect(() => image.add(2, 0, 0)).toThrow(BadCopyError);
  });

  it('refuses a header whose digest is none', () => {
    const header = { epoch: 'e', version: 4, digest: 'ab', objects: 0, savedAt: 100, leftEpochs: [] };
    expect(() => new CopyImage(header, Buffer.alloc(0))).toThrow(BadCopyError);
  });
});
