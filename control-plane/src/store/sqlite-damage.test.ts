import Database from 'better-sqlite3';
import { ManualClock } from '@headgate/shared/manual-clock';
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from './sqlite-store.ts';
import type { ObjectChange } from './store.ts';

describe('SqliteStore on a damaged database', () => {
  const clock = new ManualClock();
  let dataDir: string;
  let path: string;
  let intact: Buffer;
  let content: string;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'headgate-damaged-'));
    path = join(dataDir, 'headgate.db');
    const store = await SqliteStore.open({ dataDir, clock });
    const objects = Array.from({ length: 60 }, (_, index) => created(index));
    await store.commit(0, { author: 'ada', message: 'the first', objects });
    for (let revision = 1; revision <= 10; revision++) {
      const change = { ...created(revision), before: created(revision).after };
      await store.commit(revision, { author: 'bob', message: 'once more', objects: [change] });
    }
    content = await contentOf(store);
    await store.close();
    intact = readFileSync(path);
  });
  beforeEach(() => writeFileSync(path, intact));
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it.each([
    ['object', '["host","name-7"]', "UPDATE object SET document = '{}' WHERE name = 'name-7'"],
    ['object', '["host","name-7"]', "UPDATE object SET revision = 3 WHERE name = 'name-7'"],
    ['object', '["host","other"]', "UPDATE object SET name = 'other' WHERE name = 'name-7'"],
    ['meta', '', 'UPDATE meta SET revision = 10, version = 11'],
    ['meta', '', "UPDATE meta SET epoch = 'other'"],
    ['revision', '[4,5]', "UPDATE revision SET author = 'eve' WHERE revision = 4"],
    ['change', '[5,0]', "UPDATE change SET after = '{}' WHERE revision = 5"],
  ])('names the row of the table "%s" that is not what was written: %s', async (table, row, sql) => {
    alter(sql);
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({
      name: 'StoreRefusedError',
      reason: 'damaged',
      message: expect.stringContaining(`the row ${row}`) as string,
    });
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toThrow(`the table "${table}"`);
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toThrow('restore the database from a backup');
  });

  it.each([
    ['the newest revision', 'DELETE FROM change WHERE revision = 11; DELETE FROM revision WHERE revision = 11'],
    ['a revision in the middle', 'DELETE FROM change WHERE revision = 5; DELETE FROM revision WHERE revision = 5'],
    ['a change of a revision', 'DELETE FROM change WHERE revision = 1 AND position = 59'],
    ['the head', 'DELETE FROM meta'],
  ])('notices that %s is missing', async (_, sql) => {
    alter(sql);
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('notices a flipped byte in a document', async () => {
    const at = intact.indexOf('text of name-33');
    writeFileSync(path, flipped(at * 8));
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('notices a page that is ill-formed although all of its rows can be read', async () => {
    const page = pageOf('object');
    // How many bytes are lost between cells: nothing that reading needs.
    const fragmentedBytes = (page - 1) * 4_096 + 7;
    writeFileSync(path, flipped(fragmentedBytes * 8 + 1));
    const reader = new Database(path, { readonly: true });
    expect(reader.prepare('SELECT * FROM object').all()).toHaveLength(60);
    reader.close();
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toThrow("SQLite's check says");
  });

  it('refuses a database that says it may only be read', async () => {
    writeFileSync(path, flipped(18 * 8 + 6));
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({
      reason: 'failed',
      message: expect.stringContaining('SQLITE_READONLY') as string,
    });
  });

  it('is refused, or holds what it held, whatever bit is flipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: intact.length * 8 - 1 }), async (bit) => {
        for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
        writeFileSync(path, flipped(bit));
        const found = await SqliteStore.open({ dataDir, clock }).then(readAndClose, (error: unknown) => error);
        if (typeof found === 'string') expect(found).toBe(content);
        else expect(found).toMatchObject({ name: 'StoreRefusedError' });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['half of it', () => intact.subarray(0, intact.length / 2)],
    ['noise', () => Buffer.alloc(intact.length, 'noise')],
  ])('refuses %s', async (_, bytes) => {
    writeFileSync(path, bytes());
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({ reason: 'damaged' });
  });

  function alter(sql: string): void {
    const database = new Database(path);
    database.exec(`PRAGMA foreign_keys = OFF; ${sql}`);
    database.close();
  }

  function pageOf(table: string): number {
    const database = new Database(path, { readonly: true });
    const page = database
      .prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?')
      .pluck()
      .get(table);
    database.close();
    return page ?? 0;
  }

  function flipped(bit: number): Buffer {
    const copy = Buffer.from(intact);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy;
  }
});

function created(index: number): ObjectChange {
  return { kind: 'host', name: `name-${index}`, after: { text: `text of name-${index}`.repeat(1 + (index % 5) * 3) } };
}

async function contentOf(store: SqliteStore): Promise<string> {
  return JSON.stringify([await store.load(), await store.commitsSince(1)]);
}

async function readAndClose(store: SqliteStore): Promise<string> {
  const content = await contentOf(store);
  await store.close();
  return content;
}
