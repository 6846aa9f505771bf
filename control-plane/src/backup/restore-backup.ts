import { createReadStream, createWriteStream, existsSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DatabaseLock } from '../store/database-lock.ts';
import { createPrivateDirectory } from '../store/private-file.ts';
import { replaceDatabase } from '../store/replace-database.ts';
import type { Head } from '../store/sqlite-head.ts';
import { openTables, verifyFinishedDatabase } from '../store/sqlite-tables.ts';
import { isOlderSchema } from '../store/open-database.ts';

export interface RestoreOrder {
  /** The backup. It stays as it is. */
  readonly from: string;
  /** The database that it is to become; none need be there. */
  readonly path: string;
}

export interface Restored {
  /** Where the backup stood. */
  readonly backup: Head;
  /** Where the restored store stands: a new epoch. */
  readonly head: Head;
  /** Where the old database is now; undefined when there was none. */
  readonly keptAside: string | undefined;
  /** Names of secrets that must be set again. */
  readonly leftOut: readonly string[];
}

/**
 * Makes a backup the database of a store.
 *
 * 1. The lock is taken: no control plane runs on the store, and none starts meanwhile.
 * 2. The backup is copied beside the database and the copy is checked as every database is at start.
 * 3. The copy becomes a store of its own by a new epoch: data planes that hold versions of the old one follow it
 *    knowingly, and what was served after the backup is never taken for what is served now.
 * 4. The old database moves aside and the copy takes its place (`replaceDatabase`).
 *
 * Whatever fails in 1 to 3 leaves everything as it was.
 *
 * @throws StoreRefusedError, reason `locked` while a control plane runs; SqliteError or a file system's error
 */
export async function restoreBackup({ from, path: given }: RestoreOrder): Promise<Restored> {
  createPrivateDirectory(dirname(given));
  const path = existsSync(given) ? realpathSync(given) : given;
  const lock = DatabaseLock.acquire(path);
  const scratch = `${path}.restoring`;
  try {
    rmSync(scratch, { recursive: true, force: true });
    createPrivateDirectory(scratch);
    const copy = join(scratch, 'restored.db');
    await copyPrivately(from, copy);
    const { leftOut, ...heads } = renew(copy);
    return { ...heads, leftOut, keptAside: replaceDatabase(path, copy) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    lock.release();
  }
}

async function copyPrivately(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }));
}

/** Checks a copy before anything in it changes, and gives it an epoch of its own. Durable when it returns. */
function renew(copy: string): Omit<Restored, 'keptAside'> {
  if (!isOlderSchema(copy)) verifyFinishedDatabase(copy);
  const { tables, head: backup } = openTables(copy);
  try {
    const head = tables.heads.beginEpoch();
    const leftOut = tables.secrets.leftOut();
    tables.database.pragma('wal_checkpoint(TRUNCATE)');
    return { backup, head, leftOut };
  } finally {
    tables.database.close();
  }
}
