import type { Database } from 'better-sqlite3';
import { openDatabase } from './open-database.ts';
import { damaged } from './row-digest.ts';
import { isCorruption } from './sqlite-error.ts';
import { openHeadTable, type Head, type HeadTable } from './sqlite-head.ts';
import { openHistoryTable, type HistoryTable } from './sqlite-history.ts';
import { openObjectTable, type ObjectTable } from './sqlite-objects.ts';
import { verifyContent } from './verify-content.ts';

/** The database of a store, its statements prepared. */
export interface SqliteTables {
  readonly database: Database;
  readonly heads: HeadTable;
  readonly objects: ObjectTable;
  readonly history: HistoryTable;
}

/**
 * Opens the database of a store and checks all of it. Returns where the store stands, too.
 *
 * @throws StoreRefusedError
 */
export function openTables(path: string): { readonly tables: SqliteTables; readonly head: Head } {
  const database = openDatabase(path);
  try {
    const heads = openHeadTable(database);
    const objects = openObjectTable(database);
    const history = openHistoryTable(database);
    const head = verifyContent({ heads, objects, history });
    heads.rehearse(head);
    return { tables: { database, heads, objects, history }, head };
  } catch (error) {
    database.close();
    throw isCorruption(error) ? damaged(`SQLite cannot read ${path}`, error) : error;
  }
}
