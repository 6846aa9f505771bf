import Database from 'better-sqlite3';
import { ManualClock } from '@headgate/shared/manual-clock';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertKnownSchema, migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { SqliteStore } from './sqlite-store.ts';

const first: Migration = { version: 1, sql: 'CREATE TABLE thing (name TEXT)' };
const second: Migration = { version: 2, sql: 'ALTER TABLE thing ADD COLUMN size INTEGER; UPDATE thing SET size = 7' };
const broken: Migration = { version: 2, sql: 'CREATE TABLE half (x); CREATE TABLE half (x)' };

describe('the schema of a store', () => {
  let directory: string;
  let path: string;
  let database: Database.Database;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'headgate-schema-'));
    path = join(directory, 'some.db');
    database = new Database(path);
  });
  afterEach(() => {
    database.close();
    rmSync(directory, { recursive: true });
  });

  it('is made in a new database by all migrations, without a backup', () => {
    migrate(database, [first, second]);
    expect(database.prepare('SELECT name, size FROM thing').all()).toEqual([]);
    expect(database.pragma('user_version', { simple: true })).toBe(2);
    expect(readdirSync(directory)).toEqual(['some.db']);
  });

  it('is brought forward with its content, and the older one kept beside it', () => {
    migrate(database, [first]);
    database.exec("INSERT INTO thing VALUES ('a')");
    migrate(database, [first, second]);
    expect(database.prepare('SELECT * FROM thing').all()).toEqual([{ name: 'a', size: 7 }]);

    const backup = `${path}.schema-1.backup`;
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const older = new Database(backup, { readonly: true });
    expect(older.prepare('SELECT * FROM thing').all()).toEqual([{ name: 'a' }]);
    expect(older.pragma('user_version', { simple: true })).toBe(1);
    older.close();
  });

  it('stays as it is when a migration fails', () => {
    migrate(database, [first]);
    expect(() => migrate(database, [first, broken])).toThrow();
    expect(database.pragma('user_version', { simple: true })).toBe(1);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()).toEqual(['thing']);
    migrate(database, [first, second]);
    expect(database.pragma('user_version', { simple: true })).toBe(2);
    expect(existsSync(`${path}.schema-1.backup.partial`)).toBe(false);
  });

  it('is left alone when it is the newest', () => {
    migrate(database, [first, second]);
    migrate(database, [first, second]);
    expect(readdirSync(directory)).toEqual(['some.db']);
  });

  it('is refused when a later release wrote it, and stays as it is', async () => {
    migrate(database, [first, second, { version: 99, sql: '' }]);
    expect(() => assertKnownSchema(database, [first, second])).toThrow(
      expect.objectContaining({
        reason: 'newer_schema',
        message: expect.stringMatching(/schema 99.*up to 2/) as string,
      }) as Error,
    );
    database.close();
    await expect(SqliteStore.open({ path, clock: new ManualClock() })).rejects.toMatchObject({
      reason: 'newer_schema',
    });
    database = new Database(path);
    expect(database.pragma('journal_mode', { simple: true })).toBe('delete');
  });

  it.each(['CREATE TABLE theirs (x)', 'CREATE TABLE theirs (x); PRAGMA user_version = 1'])(
    'is refused when another program made it: %s',
    async (sql) => {
      database.exec(sql);
      await expect(SqliteStore.open({ path, clock: new ManualClock() })).rejects.toMatchObject({ reason: 'foreign' });
      expect(database.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['theirs']);
    },
  );
});
