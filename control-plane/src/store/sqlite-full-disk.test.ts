import { ManualClock } from '@headgate/shared/manual-clock';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from './sqlite-store.ts';
import { StoreFullError, type Change } from './store.ts';
import { killStoreProcesses, StoreProcess } from './store-process.cases.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'headgate-full-'));
});
afterEach(killStoreProcesses);
afterAll(() => rmSync(scratch, { recursive: true }));

// A disk of its own needs root and the right to mount; without it the store's own cap stands in (store.cases.ts).
const onSmallDisk = canMount() ? it : it.skip;
// prlimit is Linux's.
const withFileLimit = spawnSync('prlimit', ['--version']).status === 0 ? it : it.skip;

describe('SqliteStore on a full disk', () => {
  onSmallDisk('refuses commits with nothing half applied, and works when there is room again', async () => {
    await withSmallDisk(async (disk) => {
      const clock = new ManualClock();
      const store = await SqliteStore.open({ dataDir: join(disk, 'data'), clock });
      await store.commit(0, put('small', 10));
      const before = await store.load();
      const makeRoom = fill(disk);
      await expect(store.commit(1, put('large', 1_000_000))).rejects.toThrow(StoreFullError);
      expect(await store.load()).toEqual(before);
      expect(await store.check()).toMatchObject({ ok: false });
      makeRoom();
      clock.advance(1_000);
      expect(await store.check()).toEqual({ ok: true });
      expect(await store.commit(1, put('large', 1_000_000))).toEqual({ revision: 2, version: 3 });
      await store.close();
      const reopened = await SqliteStore.open({ dataDir: join(disk, 'data'), clock });
      expect((await reopened.load()).objects.map(({ name }) => name)).toEqual(['large', 'small']);
      await reopened.close();
    });
  });

  onSmallDisk('refuses to open a new store, and says why', async () => {
    await withSmallDisk(async (disk) => {
      fill(disk);
      await expect(SqliteStore.open({ dataDir: disk, clock: new ManualClock() })).rejects.toMatchObject({
        name: 'StoreRefusedError',
        reason: 'failed',
        message: expect.stringContaining('room') as string,
      });
    });
  });
});

describe('SqliteStore whose writes fail', () => {
  withFileLimit('acknowledges nothing that was not written, and works when writes do again', async () => {
    const dataDir = join(scratch, 'limited');
    const writer = await StoreProcess.start(dataDir);
    expect(await writer.ask('commit 10')).toBe('ok 1');
    limitFiles(writer.pid, '200000');
    expect(await writer.ask('commit 1000000')).toBe('StoreFailedError');
    expect(await writer.ask('check')).toBe('false');
    expect(await writer.ask('commit 10')).toBe('ok 2');
    expect(await writer.ask('commit 1000000')).toBe('StoreFailedError');
    limitFiles(writer.pid, 'unlimited');
    expect(await writer.ask('commit 1000000')).toBe('ok 3');
    expect(await writer.ask('check')).toBe('true');
    await writer.kill();
    const store = await SqliteStore.open({ dataDir, clock: new ManualClock() });
    expect((await store.load()).objects.map(({ name }) => name)).toEqual(['k1', 'k2', 'k3']);
    await store.close();
  });
});

function put(name: string, bytes: number): Change {
  return { author: 'someone', message: '', objects: [{ kind: 'host', name, after: { text: 'x'.repeat(bytes) } }] };
}

function limitFiles(pid: number, soft: string): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function canMount(): boolean {
  const disk = mkdtempSync(join(tmpdir(), 'headgate-mount-'));
  const mounted = spawnSync('mount', mountArguments(disk)).status === 0;
  if (mounted) spawnSync('umount', [disk]);
  rmdirSync(disk);
  return mounted;
}

function mountArguments(disk: string): readonly string[] {
  return ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk];
}

async function withSmallDisk(use: (disk: string) => Promise<void>): Promise<void> {
  const disk = mkdtempSync(join(scratch, 'disk-'));
  if (spawnSync('mount', mountArguments(disk)).status !== 0) throw new Error('the disk cannot be mounted');
  try {
    await use(disk);
  } finally {
    // Lazily: a test that has failed may have left files open.
    spawnSync('umount', ['-l', disk]);
  }
}

/** Leaves no byte on the disk. Returns how to make room. */
function fill(disk: string): () => void {
  const path = join(disk, 'filler');
  const descriptor = openSync(path, 'w');
  for (const size of [65_536, 512, 1]) writeUntilFull(descriptor, Buffer.alloc(size));
  closeSync(descriptor);
  return () => rmSync(path);
}

function writeUntilFull(descriptor: number, chunk: Buffer): void {
  try {
    for (;;) writeSync(descriptor, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
