import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOlderSchema } from '../store/open-database.ts';
import { openTables, verifyFinishedDatabase } from '../store/sqlite-tables.ts';
import type { Head } from '../store/sqlite-head.ts';

/**
 * Checks all of a backup as the store checks its database at start: SQLite's own check, and every row's digest. The
 * backup is not touched; one of an earlier release is checked as a copy that has been brought to the newest schema.
 *
 * @throws StoreRefusedError, SqliteError or a file system's error when it is not usable
 */
export function verifyBackup(path: string): Head {
  return isOlderSchema(path) ? verifyMigrated(path) : verifyFinishedDatabase(path).head;
}

function verifyMigrated(path: string): Head {
  const scratch = mkdtempSync(join(tmpdir(), 'headgate-verify-'));
  try {
    const copy = join(scratch, 'copy.db');
    copyFileSync(path, copy);
    const { tables, head } = openTables(copy);
    tables.database.close();
    return head;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
