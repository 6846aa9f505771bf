import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
import { DiskStage } from './disk-stage.cases.ts';
import { VersionedObjects } from './sync-stage.cases.ts';

/** Some thirty offsets over the whole range, both ends among them. */
function sample(length: number): readonly number[] {
  const step = Math.max(1, Math.floor(length / 30));
  return [...Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step), length - 1];
}

describe('a damaged copy on disk', () => {
  let stage: DiskStage;
  let source: VersionedObjects;
  let keysByVersion: Map<number, readonly string[]>;

  /** base-1 and journal-1 up to version 4, base-2 with version 5, journal-2 with 6 and 7. */
  beforeAll(async () => {
    stage = await DiskStage.make();
    source = new VersionedObjects('e');
    keysByVersion = new Map();
    await stage.start();
    source.change({ put: [backend('web'), server('web', 1)] });
    await write(source.full());
    await write(source.change({ put: [server('web', 2)] }));
    await write(source.change({ put: [server('web', 3)] }));
    await stage.stop();
    await stage.start();
    await write(source.change({ put: [host('a.example', 'web')] }));
    await write(source.change({ put: [server('web', 4)] }));
    await write(source.change({ put: [server('web', 5)], remove: ['server/web/10.0.0.1:1'] }));
    await stage.stop();
  });
  afterAll(() => stage.remove());

  async function write(update: Parameters<DiskStage['write']>[0]): Promise<void> {
    keysByVersion.set(update.id.version, source.keys);
    await stage.write(update);
  }

  /** Starts on a file with other content, and puts the old content back. */
  async function startWith(name: string, damage: (content: Buffer) => Buffer): Promise<number> {
    const content = await stage.read(name);
    await stage.overwrite(name, damage(Buffer.from(content)));
    await stage.start();
    await stage.stop();
    await stage.overwrite(name, content);
    const { version } = stage.keeper.kept.value.held.id;
    expect(stage.applier.keys).toEqual(keysByVersion.get(version) ?? []);
    return version;
  }

  it('is none: all of it is used', async () => {
    expect(await startWith('journal-2', (content) => content)).toBe(7);
  });

  it('is used up to the last whole record when the last one is torn, wherever', async () => {
    const length = (await stage.read('journal-2')).length;
    const versions = new Set<number>();
    for (const cut of sample(length)) versions.add(await startWith('journal-2', (content) => content.subarray(0, cut)));
    expect([...versions].sort()).toEqual([5, 6]);
  });

  it('is used up to the record before one with a flipped bit, wherever', async () => {
    const length = (await stage.read('journal-2')).length;
    const versions = new Set<number>();
    for (const at of sample(length)) versions.add(await startWith('journal-2', flip(at)));
    expect([...versions].sort()).toEqual([5, 6]);
  });

  it('falls back to the predecessor and its journal when the base is torn or has a flipped bit, wherever', async () => {
    const length = (await stage.read('base-2')).length;
    for (const at of sample(length)) {
      expect(await startWith('base-2', (content) => content.subarray(0, at))).toBe(4);
      expect(await startWith('base-2', flip(at))).toBe(4);
    }
  });

  it('is not used when both bases are bad', async () => {
    const older = await stage.read('base-1');
    await stage.overwrite('base-1', flip(older.length - 40)(Buffer.from(older)));
    expect(await startWith('base-2', flip(60))).toBe(0);
    expect(stage.board.status.value.source).toBe('none');
    await stage.overwrite('base-1', older);
  });

  it('falls back to the predecessor when the newest one cannot be served', async () => {
    const source2 = await DiskStage.make();
    await source2.start();
    const objects = new VersionedObjects('e');
    objects.change({ put: [backend('web')] });
    await source2.write(objects.full());
    objects.change({ put: [backend('bad')] });
    await source2.write(objects.full());
    await source2.stop();
    const starting = source2.start();
    const { applier } = source2;
    applier.prepare = async (change) => {
      const bad = change.upserts.some(({ kind, value }) => kind === 'backend' && value.name === 'bad');
      return bad
        ? { ok: false, faults: [{ object: 'backend/bad', field: '', code: 'bad', reason: 'r' }] }
        : { ok: true, commit: () => undefined };
    };
    expect(await starting).toMatchObject({ number: 1 });
    expect(source2.keeper.kept.value.held.id.version).toBe(2);
    await source2.remove();
  });

  it('is replaced by the next base, and what was fallen back to stays as its predecessor', async () => {
    const bad = await stage.read('base-2');
    await stage.overwrite('base-2', bad.subarray(0, 50));
    await stage.start();
    source = new VersionedObjects('e', 8);
    source.change({ put: [backend('fresh')] });
    await stage.write(source.full());
    await stage.stop();
    await expect(stage.read('base-2')).rejects.toThrow('ENOENT');
    await expect(stage.read('base-1')).resolves.toBeDefined();
    expect(await stage.start()).toMatchObject({ number: 3 });
    await stage.stop();
  });
});

function flip(at: number): (content: Buffer) => Buffer {
  return (content) => {
    content[at]! ^= 0x10;
    return content;
  };
}
