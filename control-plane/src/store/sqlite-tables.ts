import type { Database } from 'better-sqlite3';
import { openDatabase, openFinishedDatabase } from './open-database.ts';
import { damaged } from './row-digest.ts';
import { isCorruption } from './sqlite-error.ts';
import { openHeadTable, type Head, type HeadTable } from './sqlite-head.ts';
import { openAuditTable, type AuditTable } from './sqlite-audit.ts';
import { openHistoryTable, type HistoryTable } from './sqlite-history.ts';
import { openMembershipTable, type MembershipTable } from './sqlite-membership.ts';
import { openObjectTable, type ObjectTable } from './sqlite-objects.ts';
import { openSecretTable, type SecretTable } from './sqlite-secrets.ts';
import { openJoinTokenTable, openTokenTable, type JoinTokenTable, type TokenTable } from './sqlite-tokens.ts';
import type { OwnedObject, StoredObject } from './store.ts';
import { verifyContent } from './verify-content.ts';

/** The database of a store, its statements prepared. */
export interface SqliteTables {
  readonly database: Database;
  readonly heads: HeadTable;
  readonly objects: ObjectTable;
  readonly history: HistoryTable;
  readonly tokens: TokenTable;
  readonly joinTokens: JoinTokenTable;
  readonly audit: AuditTable;
  readonly secrets: SecretTable;
  readonly membership: MembershipTable;
}

/** A store's database that was found intact. */
export interface OpenedTables {
  readonly tables: SqliteTables;
  /** Where the store stands. */
  readonly head: Head;
  /** What it holds there. */
  readonly objects: readonly StoredObject[];
  /** What others than operators have brought. */
  readonly owned: readonly OwnedObject[];
}

/**
 * Opens the database of a store and checks all of it.
 *
 * @throws StoreRefusedError
 */
export function openTables(path: string): OpenedTables {
  return opened(path, openDatabase, (tables) => {
    const objects: StoredObject[] = [];
    const { head, owned } = verifyTables(tables, (object) => objects.push(object));
    tables.heads.rehearse(head);
    return { tables, head, objects, owned };
  });
}

/**
 * Checks all of a database that nobody writes to, such as a backup. It must have the newest schema, and is not touched.
 *
 * @throws StoreRefusedError
 */
export function verifyFinishedDatabase(path: string): VerifiedDatabase {
  return opened(path, openFinishedDatabase, (tables) => {
    const { head } = verifyTables(tables);
    const leftOut = tables.secrets.leftOut();
    tables.database.close();
    return { head, leftOut };
  });
}

export interface VerifiedDatabase {
  readonly head: Head;
  /** Names of secrets that it lacks, because they were not encrypted. */
  readonly leftOut: readonly string[];
}

function opened<T>(path: string, open: (path: string) => Database, use: (tables: SqliteTables) => T): T {
  const database = open(path);
  try {
    return use(prepareTables(database));
  } catch (error) {
    database.close();
    throw isCorruption(error) ? damaged(`SQLite cannot read ${path}`, error) : error;
  }
}

function prepareTables(database: Database): SqliteTables {
  return {
    database,
    heads: openHeadTable(database),
    objects: openObjectTable(database),
    history: openHistoryTable(database),
    tokens: openTokenTable(database),
    joinTokens: openJoinTokenTable(database),
    audit: openAuditTable(database),
    secrets: openSecretTable(database),
    membership: openMembershipTable(database),
  };
}

/** Reads every row of every table. @throws StoreRefusedError `damaged` */
function verifyTables(
  tables: SqliteTables,
  onObject?: (object: StoredObject) => void,
): Pick<OpenedTables, 'head' | 'owned'> {
  const head = verifyContent(tables, onObject);
  tables.tokens.read();
  tables.joinTokens.read();
  tables.audit.verify();
  tables.secrets.readAll();
  return { head, owned: verifyMembership(tables, head) };
}

function verifyMembership({ membership }: SqliteTables, head: Head): readonly OwnedObject[] {
  const owned = membership.read();
  membership.stepsAfter(0);
  if (membership.newestVersion() > head.version)
    throw damaged('what layers and sources brought is newer than the store');
  return owned;
}
