import Database from 'better-sqlite3';
import { createPrivateFile } from './private-file.ts';
import { sqliteCode } from './sqlite-error.ts';
import { StoreRefusedError } from './store-refused-error.ts';

/**
 * Keeps a second process off a database: two of them would both believe that they know the newest revision.
 *
 * The lock is SQLite's own EXCLUSIVE lock on an empty database beside the real one, held by a transaction that never
 * ends. The kernel owns it, so that it goes with the process however that dies; a file with a process id in it stays
 * behind after `kill -9`. `locking_mode=EXCLUSIVE` on the database itself would do as well, but then operators could not
 * look into a running store or copy it with `sqlite3`.
 *
 * POSIX locks are lost when the process closes *any* descriptor of the file: nothing here opens it but SQLite.
 */
export class DatabaseLock {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /**
   * Takes the lock of the database at `path`, without waiting.
   *
   * @throws StoreRefusedError `locked`
   */
  static acquire(path: string): DatabaseLock {
    const lockPath = `${path}.lock`;
    createPrivateFile(lockPath);
    const database = new Database(lockPath, { timeout: 0 });
    try {
      // In memory: nothing is ever written, but a journal would be made all the same.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return new DatabaseLock(database);
    } catch (error) {
      database.close();
      throw sqliteCode(error) === 'SQLITE_BUSY' ? lockedBy(path, error) : error;
    }
  }

  release(): void {
    this.#database.close();
  }
}

function lockedBy(path: string, cause: unknown): StoreRefusedError {
  const detail = `Another process uses the store ${path} — stop it, or give this one a data directory of its own`;
  return new StoreRefusedError('locked', detail, { cause });
}
