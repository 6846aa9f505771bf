import type { Database } from 'better-sqlite3';
import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Migration } from './migration.ts';
import { createPrivateFile, syncDirectory } from './private-file.ts';
import { StoreRefusedError } from './store-refused-error.ts';

/** Written into the file's header, so that another program's database is not taken for a store: "HGte". */
const APPLICATION_ID = 0x48477465;

/**
 * Lets a database pass that is empty or a store of this release or an older one. Only reads: what is refused stays as it
 * is.
 *
 * @throws StoreRefusedError `newer_schema`, `foreign`
 */
export function assertKnownSchema(database: Database, migrations: readonly Migration[]): void {
  const current = schemaVersion(database);
  const newest = migrations.at(-1)?.version ?? 0;
  assertOwn(database, current);
  if (current > newest) throw newerSchema(current, newest);
}

/** Whether nothing was ever written to it: an empty file is such a database. */
export function isEmptyDatabase(database: Database): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
}

/** Whether no migration waits. */
export function hasNewestSchema(database: Database, migrations: readonly Migration[]): boolean {
  return schemaVersion(database) === (migrations.at(-1)?.version ?? 0);
}

/**
 * Brings a known database to the newest schema, each step in a transaction of its own. An older one that is not new is
 * copied to `<path>.schema-<version>.backup` before.
 */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  const current = schemaVersion(database);
  const pending = migrations.filter(({ version }) => version > current);
  if (pending.length > 0 && current > 0) backUp(database, current);
  for (const migration of pending) run(database, migration);
}

function schemaVersion(database: Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}

function assertOwn(database: Database, version: number): void {
  const id = database.pragma('application_id', { simple: true });
  if ((version === 0 && isEmptyDatabase(database)) || id === APPLICATION_ID) return;
  const detail = `${database.name} is an SQLite database of another program — give the store another place`;
  throw new StoreRefusedError('foreign', detail);
}

function newerSchema(current: number, newest: number): StoreRefusedError {
  const detail =
    `The store has schema ${current}, and this release knows schemas up to ${newest} — ` +
    'start the release that wrote it or a later one, or restore the backup that was made before it was upgraded';
  return new StoreRefusedError('newer_schema', detail);
}

function run(database: Database, { version, sql }: Migration): void {
  const step = database.transaction(() => {
    database.exec(sql);
    database.pragma(`user_version = ${version}`);
    database.pragma(`application_id = ${APPLICATION_ID}`);
  });
  step.immediate();
}

/** Whole or not at all: a copy that was interrupted never has the backup's name. */
function backUp(database: Database, version: number): void {
  const target = `${database.name}.schema-${version}.backup`;
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  createPrivateFile(partial);
  database.prepare('VACUUM INTO ?').run(partial);
  renameSync(partial, target);
  syncDirectory(dirname(target));
}
