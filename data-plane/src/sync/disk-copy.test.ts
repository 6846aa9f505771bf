import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { backend, host, server } from '../routing/snapshot-objects.cases.ts';
import { DiskStage } from './disk-stage.cases.ts';
import { StateDirLockedError } from './state-dir-lock.ts';
import { VersionedObjects } from './sync-stage.cases.ts';

describe('the copy on disk', () => {
  let stage: DiskStage;
  let source: VersionedObjects;
  beforeEach(async () => {
    stage = await DiskStage.make();
    source = new VersionedObjects('e');
  });
  afterEach(() => stage.remove());

  async function files(): Promise<readonly string[]> {
    return (await readdir(stage.path)).sort();
  }

  async function writeBaseAndJournal(): Promise<void> {
    await stage.start();
    source.change({ put: [backend('web'), server('web', 1)] });
    await stage.write(source.full());
    await stage.write(source.change({ put: [server('web', 2), host('a.example', 'web')] }));
    await stage.write(source.change({ put: [server('web', 1, { weight: 9 })], remove: ['server/web/10.0.0.1:2'] }));
  }

  it('is not there at the first start', async () => {
    expect(await stage.start()).toBeUndefined();
    expect(stage.board.status.value).toMatchObject({ source: 'none', id: { version: 0 } });
  });

  it('brings back what was held: base and journal', async () => {
    await writeBaseAndJournal();
    const savedAt = stage.clock.now();
    expect(await files()).toEqual(['base-1', 'journal-1', 'lock']);
    await stage.stop();
    stage.clock.advance(3_600_000);
    const loaded = await stage.start();
    expect(loaded).toMatchObject({ number: 1, steps: 2, cut: undefined });
    expect(stage.applier.keys).toEqual(source.keys);
    expect(stage.applier.table.get('server/web/10.0.0.1:1')).toEqual(server('web', 1, { weight: 9 }));
    expect(stage.keeper.kept.value.held).toMatchObject({ id: source.id });
    expect(stage.keeper.kept.value.held.digest.toBytes()).toEqual(source.digest);
    expect(loaded!.savedAt).toBeLessThanOrEqual(savedAt);
    expect(stage.board.status.value).toMatchObject({ source: 'disk', id: source.id, appliedAt: loaded!.savedAt });
    expect(await stage.metric('headgate_snapshot_age_seconds')).toBeGreaterThanOrEqual(3_600);
  });

  it('takes deltas on from there, and writes a new base with the first', async () => {
    await writeBaseAndJournal();
    await stage.stop();
    await stage.start();
    await stage.write(source.change({ put: [server('web', 3)] }));
    expect(await files()).toEqual(['base-1', 'base-2', 'journal-1', 'lock']);
    await stage.stop();
    await stage.start();
    expect(stage.applier.keys).toEqual(source.keys);
  });

  it('keeps one predecessor and no more', async () => {
    await stage.start();
    for (let round = 1; round <= 4; round++) {
      source.change({ put: [server('web', round), backend('web')] });
      await stage.write(source.full());
    }
    expect(await files()).toEqual(['base-3', 'base-4', 'lock']);
  });

  it('writes a new base when the journal has outgrown it', async () => {
    await stage.start();
    source.change({ put: [backend('web')] });
    await stage.write(source.full());
    const large = { exact: `/${'x'.repeat(300_000)}` };
    for (let round = 0; round < 4; round++) {
      const put = [host('large.example', { path: large, backend: 'web' }, ...Array<string>(round).fill('web'))];
      await stage.write(source.change({ put }));
    }
    expect((await stat(stage.file('journal-1'))).size).toBeGreaterThan(1_048_576);
    await stage.write(source.change({ put: [server('web', 1)] }));
    expect(await files()).toEqual(['base-1', 'base-2', 'journal-1', 'lock']);
    await stage.stop();
    expect(await stage.start()).toMatchObject({ number: 2, steps: 0 });
    expect(stage.applier.keys).toEqual(source.keys);
  });

  it('follows many changes in one batch, and writes the rest when it is closed', async () => {
    await stage.start();
    source.change({ put: [backend('web')] });
    await stage.write(source.full());
    for (let port = 1; port <= 100; port++) await stage.apply(source.change({ put: [server('web', port)] }));
    await stage.stop();
    expect(await stage.start()).toMatchObject({ steps: 100 });
    expect(stage.applier.keys).toEqual(source.keys);
  });

  it('remembers the epochs that were left', async () => {
    await writeBaseAndJournal();
    const other = new VersionedObjects('other');
    other.change({ put: [backend('new')] });
    await stage.write(other.full());
    await stage.stop();
    await stage.start();
    expect(stage.keeper.kept.value).toMatchObject({ held: { id: { epoch: 'other' } }, leftEpochs: ['e'] });
  });

  it('is for this user alone', async () => {
    await writeBaseAndJournal();
    expect((await stat(stage.path)).mode & 0o777).toBe(0o700);
    for (const name of await files()) expect((await stat(stage.file(name))).mode & 0o777).toBe(0o600);
  });

  it('is not shared by two processes', async () => {
    await stage.start();
    const held = stage.path;
    const second = Object.assign(await DiskStage.make(), { path: held });
    await expect(second.start()).rejects.toThrow(StateDirLockedError);
    await stage.stop();
    await second.start();
    await second.stop();
  });

  it('serves on when it cannot be written, counts that, and is written when it can be again', async () => {
    await stage.start();
    await mkdir(stage.file('base-1.tmp'));
    source.change({ put: [backend('web')] });
    await stage.apply(source.full());
    while ((await stage.metric('headgate_disk_copy_write_failures_total')) === 0) {
      stage.clock.advance(200);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(stage.applier.keys).toEqual(['backend/web']);
    await stage.write(source.change({ put: [server('web', 1)] }));
    await stage.stop();
    await stage.start();
    expect(stage.applier.keys).toEqual(source.keys);
  });

  it('begins a new base after a record that could not be written', async () => {
    await stage.start();
    source.change({ put: [backend('web')] });
    await stage.write(source.full());
    await mkdir(stage.file('journal-1'));
    await stage.write(source.change({ put: [server('web', 1)] }));
    expect(await stage.metric('headgate_disk_copy_write_failures_total')).toBe(1);
    expect(await files()).toContain('base-2');
    await rmdir(stage.file('journal-1'));
    await stage.stop();
    expect(await stage.start()).toMatchObject({ number: 2 });
    expect(stage.applier.keys).toEqual(source.keys);
  });
});
