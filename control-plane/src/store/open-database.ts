import Database from 'better-sqlite3';
import { dirname } from 'node:path';
import { assertKnownSchema, hasNewestSchema, isEmptyDatabase, migrate } from './migrate.ts';
import { objectsAndHistory } from './migrations/0001-objects-and-history.ts';
import { access } from './migrations/0002-access.ts';
import { secrets } from './migrations/0003-secrets.ts';
import { membership } from './migrations/0004-membership.ts';
import { createPrivateDirectory, createPrivateFile } from './private-file.ts';
import { damaged } from './row-digest.ts';
import { isCorruption } from './sqlite-error.ts';
import { StoreRefusedError } from './store-refused-error.ts';

const migrations = [objectsAndHistory, access, secrets, membership];

/** Other programs may read a running store: they are waited for, but never for so long that the process seems dead. */
const BUSY_TIMEOUT_MS = 1_000;
/** After a huge commit the WAL shrinks to this again. */
const WAL_LIMIT_BYTES = 16 * 1024 * 1024;

/** Creates the directory of a database and the empty file, so that SQLite's own files take over its mode. */
export function prepareDatabaseFile(path: string): void {
  createPrivateDirectory(dirname(path));
  createPrivateFile(path);
}

/**
 * Opens a database that keeps what it acknowledges, at the newest schema.
 *
 * @throws StoreRefusedError
 */
export function openDatabase(path: string): Database.Database {
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    assertKnownSchema(database, migrations);
    quickCheck(database);
    configure(database);
    migrate(database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw isCorruption(error) ? damaged(`SQLite cannot read ${path}`, error) : error;
  }
}

/**
 * Opens a database that nobody writes to, for reading alone.
 *
 * @throws StoreRefusedError, also when its schema is not the newest
 */
export function openFinishedDatabase(path: string): Database.Database {
  const database = openReadOnly(path);
  try {
    assertKnownSchema(database, migrations);
    quickCheck(database);
    if (!hasNewestSchema(database, migrations)) throw damaged('it was not finished by this release');
    return database;
  } catch (error) {
    database.close();
    throw isCorruption(error) ? damaged(`SQLite cannot read ${path}`, error) : error;
  }
}

/** Whether a database waits for migrations of this release. @throws StoreRefusedError */
export function isOlderSchema(path: string): boolean {
  const database = openReadOnly(path);
  try {
    assertKnownSchema(database, migrations);
    if (isEmptyDatabase(database)) throw damaged('it is empty');
    return !hasNewestSchema(database, migrations);
  } catch (error) {
    throw isCorruption(error) ? damaged(`SQLite cannot read ${path}`, error) : error;
  } finally {
    database.close();
  }
}

function openReadOnly(path: string): Database.Database {
  return new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
}

function configure(database: Database.Database): void {
  // Set before anything is written: what SQLite answers is what it will do.
  requirePragma(database, 'journal_mode', { set: 'WAL', expect: 'wal' });
  requirePragma(database, 'synchronous', { set: 'FULL', expect: 2 });
  requirePragma(database, 'foreign_keys', { set: 'ON', expect: 1 });
  // On macOS an fsync alone leaves the data in the drive's cache.
  database.pragma('fullfsync = ON');
  // What is deleted is overwritten, so that the values of secrets do not stay behind in free pages.
  database.pragma('secure_delete = ON');
  database.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
}

function requirePragma(database: Database.Database, name: string, value: { set: string; expect: unknown }): void {
  database.pragma(`${name} = ${value.set}`);
  const actual = database.pragma(name, { simple: true });
  if (actual === value.expect) return;
  const detail =
    `The store ${database.name} cannot be made durable: ${name} is ${String(actual)} instead of ${value.set} — ` +
    'put the data directory on a local file system';
  throw new StoreRefusedError('not_durable', detail);
}

function quickCheck(database: Database.Database): void {
  const findings = database.pragma('quick_check(3)') as readonly { readonly quick_check: string }[];
  if (findings.length === 1 && findings[0]?.quick_check === 'ok') return;
  throw damaged(`SQLite's check says: ${findings.map((finding) => finding.quick_check).join('; ')}`);
}
