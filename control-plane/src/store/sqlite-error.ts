import { StoreFailedError, StoreFullError } from './store.ts';
import { StoreRefusedError } from './store-refused-error.ts';

/**
 * SQLITE_FULL is ENOSPC as well as the database's own limit. The shared memory file of the WAL has a code of its own for
 * not being able to grow.
 */
const FULL = new Set(['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']);

/**
 * SQLite's code of an error, such as `SQLITE_IOERR_WRITE`; undefined when it is not SQLite's. Known by its looks: the
 * native module throws the class of whoever has loaded it first.
 */
export function sqliteCode(error: unknown): string | undefined {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'SqliteError' && typeof code === 'string' ? code : undefined;
}

/** What an error of a running store means to its users; bugs stay as they are. */
export function translateSqliteError(error: unknown): unknown {
  if (error instanceof StoreRefusedError) return new StoreFailedError(error.message, { cause: error });
  const code = sqliteCode(error);
  if (code === undefined || code.startsWith('SQLITE_CONSTRAINT')) return error;
  if (FULL.has(code)) return new StoreFullError(`the store has no room (${code})`, { cause: error });
  return new StoreFailedError(`the store has failed (${code})`, { cause: error });
}

/**
 * Whether SQLite found that the file is not what it wrote. The statements are right: one that fails while a store opens
 * has met another schema than the one that was written.
 */
export function isCorruption(error: unknown): boolean {
  return /^SQLITE_(CORRUPT.*|NOTADB|FORMAT|ERROR|MISMATCH)$/.test(sqliteCode(error) ?? '');
}

/** Why a store at `path` could not be opened. */
export function refusalOf(path: string, error: unknown): StoreRefusedError {
  if (error instanceof StoreRefusedError) return error;
  const found = error instanceof Error ? error.message : String(error);
  const code = sqliteCode(error) ?? (error as NodeJS.ErrnoException).code ?? 'unknown';
  const wayOut = 'check that the directory can be written and that the disk has room';
  return new StoreRefusedError('failed', `The store ${path} cannot be opened: ${found} (${code}) — ${wayOut}`, {
    cause: error,
  });
}
