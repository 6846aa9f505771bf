import Database from 'better-sqlite3';
import { closeSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs';
import { createPrivateFile } from '../store/private-file.ts';
import { openSecretTable } from '../store/sqlite-secrets.ts';
import { verifyFinishedDatabase, type VerifiedDatabase } from '../store/sqlite-tables.ts';

const BUSY_TIMEOUT_MS = 5_000;

export interface BackupOrder {
  /** The database of a running store. */
  readonly source: string;
  /** Where to write; nothing is there yet. */
  readonly target: string;
}

export interface WrittenBackup extends VerifiedDatabase {
  /** In bytes. */
  readonly size: number;
}

/**
 * Copies the database of a running store as it is at one moment, while writes go on, without the secrets that are not
 * encrypted; makes the copy durable (mode 0600) and checks all of it. What fails leaves nothing behind.
 *
 * `VACUUM INTO` reads within one transaction of its own, which in WAL mode holds up no writer, and copies rows and not
 * pages: what was deleted is not in the copy. It takes its time, so that it must not run where requests are answered.
 *
 * @throws StoreRefusedError when the copy is damaged, SqliteError
 */
export function writeBackup({ source, target }: BackupOrder): WrittenBackup {
  try {
    createPrivateFile(target);
    copy(source, target);
    leaveOutClearSecrets(target);
    sync(target);
    return { ...verifyFinishedDatabase(target), size: statSync(target).size };
  } catch (error) {
    for (const suffix of ['', '-journal']) rmSync(target + suffix, { force: true });
    throw error;
  }
}

function copy(source: string, target: string): void {
  const database = new Database(source, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    // New pages begin empty: otherwise their gaps show what their memory held before.
    database.pragma('secure_delete = ON');
    database.prepare('VACUUM INTO ?').run(target);
  } finally {
    database.close();
  }
}

function leaveOutClearSecrets(path: string): void {
  const database = new Database(path);
  try {
    // In memory: a journal on the disk would hold what is to be removed.
    database.pragma('journal_mode = MEMORY');
    database.pragma('secure_delete = ON');
    const secrets = openSecretTable(database);
    if (secrets.readAll().every(({ sealed }) => sealed.keyId !== undefined)) return;
    database.transaction(() => secrets.leaveOutClear()).immediate();
    database.exec('VACUUM');
  } finally {
    database.close();
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
