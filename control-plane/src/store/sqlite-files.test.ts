import Database from 'better-sqlite3';
import { ManualClock } from '@headgate/shared/manual-clock';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from './sqlite-store.ts';
import type { Change } from './store.ts';

describe('the files of a SqliteStore', () => {
  const clock = new ManualClock();
  let scratch: string;
  beforeEach(() => (scratch = mkdtempSync(join(tmpdir(), 'headgate-files-'))));
  afterEach(() => rmSync(scratch, { recursive: true }));

  it('are made with their directories, readable by nobody else', async () => {
    const dataDir = join(scratch, 'new', 'data');
    const store = await SqliteStore.open({ dataDir, clock });
    await store.commit(0, put('a'));
    const files = readdirSync(dataDir);
    expect(files.sort()).toEqual(['headgate.db', 'headgate.db-shm', 'headgate.db-wal', 'headgate.db.lock']);
    for (const file of files) expect([file, modeOf(join(dataDir, file))]).toEqual([file, 0o600]);
    expect(modeOf(dataDir)).toBe(0o700);
    expect(modeOf(join(scratch, 'new'))).toBe(0o700);
    await store.close();
  });

  it('may stand at a path of their own, in a directory that stays as it is', async () => {
    const directory = join(scratch, 'shared');
    mkdirSync(directory, { mode: 0o755 });
    const store = await SqliteStore.open({ path: join(directory, 'own.sqlite'), clock });
    await store.close();
    expect(readdirSync(directory).sort()).toEqual(['own.sqlite', 'own.sqlite.lock']);
    expect(modeOf(directory)).toBe(0o755);
  });

  it('can be read by others while the store works', async () => {
    const store = await SqliteStore.open({ dataDir: scratch, clock });
    await store.commit(0, put('a'));
    const reader = new Database(join(scratch, 'headgate.db'), { readonly: true });
    expect(reader.prepare('SELECT name FROM object').pluck().all()).toEqual(['a']);
    expect(reader.pragma('journal_mode', { simple: true })).toBe('wal');
    await store.commit(1, put('b'));
    expect(reader.prepare('SELECT name FROM object').pluck().all()).toEqual(['a', 'b']);
    reader.close();
    await store.close();
  });

  it('are refused with a reason when their directory is a file', async () => {
    const dataDir = join(scratch, 'file');
    writeFileSync(dataDir, '');
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({
      name: 'StoreRefusedError',
      reason: 'failed',
      message: expect.stringMatching(/EEXIST|ENOTDIR/) as string,
    });
  });

  it('are not shared with a writer that goes around the lock: the commit fails, and says so', async () => {
    const store = await SqliteStore.open({ dataDir: scratch, clock });
    const intruder = new Database(join(scratch, 'headgate.db'));
    intruder.exec('UPDATE meta SET revision = 7');
    intruder.close();
    await expect(store.commit(0, put('a'))).rejects.toMatchObject({ name: 'StoreFailedError' });
    await expect(store.load()).rejects.toMatchObject({ name: 'StoreFailedError' });
    clock.advance(1_000);
    expect(await store.check()).toMatchObject({ ok: false, reason: expect.stringContaining('restart') as string });
    await store.close();
  });

  it('are seen not to be writable while another program writes', async () => {
    const store = await SqliteStore.open({ dataDir: scratch, clock });
    const intruder = new Database(join(scratch, 'headgate.db'));
    intruder.exec('BEGIN IMMEDIATE');
    expect(await store.check()).toMatchObject({ ok: false, reason: expect.stringContaining('SQLITE_BUSY') as string });
    await expect(store.commit(0, put('a'))).rejects.toMatchObject({ name: 'StoreFailedError' });
    intruder.close();
    clock.advance(1_000);
    expect(await store.check()).toEqual({ ok: true });
    expect(await store.commit(0, put('a'))).toEqual({ revision: 1, version: 2 });
    await store.close();
  });

  it('take no part in history that is no longer kept, and lose it a portion at a time', async () => {
    const store = await SqliteStore.open({ dataDir: scratch, clock, keptRevisions: 2 });
    const many = Array.from({ length: 1_200 }, (_, index) => ({
      kind: 'host' as const,
      name: `many-${index}`,
      after: {},
    }));
    await store.commit(0, { ...put('a'), objects: many });
    const left: number[] = [];
    for (let revision = 1; revision <= 7; revision++) {
      await store.commit(revision, put(`k${revision}`));
      left.push(rowsOf('change'));
    }
    expect(left).toEqual([1_201, 702, 203, 2, 2, 2, 2]);
    expect(rowsOf('revision')).toBe(2);
    expect(rowsOf('object')).toBe(1_207);
    await store.close();
    await (await SqliteStore.open({ dataDir: scratch, clock })).close();
  });

  function rowsOf(table: string): number {
    const reader = new Database(join(scratch, 'headgate.db'), { readonly: true });
    const rows = reader.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get();
    reader.close();
    return rows ?? 0;
  }
});

function put(name: string): Change {
  return { author: 'someone', message: '', objects: [{ kind: 'host', name, after: {} }] };
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
