import { hash } from 'node:crypto';
import { StoreRefusedError } from './store-refused-error.ts';

export type Column = string | number | null;

/**
 * SHA-256 over a row's table and columns. SQLite checks no pages: a flipped bit on the disk reads as valid data of
 * another meaning, unless the row itself says what it was.
 */
export function rowDigest(table: string, columns: readonly Column[]): string {
  return hash('sha256', JSON.stringify([table, ...columns]), 'base64url');
}

/**
 * Lets a row pass that is as it was written.
 *
 * @throws StoreRefusedError `damaged`
 */
export function verifyRow(row: { readonly digest: string }, table: string, columns: readonly Column[]): void {
  if (rowDigest(table, columns) !== row.digest) throw damagedRow(table, columns);
}

/** The row is named by its first two columns, which are enough for a person to find it. */
function damagedRow(table: string, columns: readonly Column[]): StoreRefusedError {
  const key = JSON.stringify(columns.slice(0, 2)).slice(0, 400);
  return damaged(`the row ${key} of the table "${table}" is not what was written`);
}

/** Why a damaged store is refused, with the way out. */
export function damaged(finding: string, cause?: unknown): StoreRefusedError {
  const wayOut =
    'restore the database from a backup; or, to start with an empty store, move it away together with its -wal and -shm files';
  return new StoreRefusedError('damaged', `The store is damaged: ${finding} — ${wayOut}`, { cause });
}
