import type { Database } from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { damaged, rowDigest, verifyRow, type Column } from './row-digest.ts';
import { StoreFailedError } from './store.ts';

/** Where a store stands. */
export interface Head {
  readonly epoch: string;
  readonly revision: number;
  readonly version: number;
  /** The newest revision whose changes are no longer kept, and its version; 0 while all are. */
  readonly prunedRevision: number;
  readonly prunedVersion: number;
}

interface MetaRow {
  readonly epoch: string;
  readonly revision: number;
  readonly version: number;
  readonly pruned_revision: number;
  readonly pruned_version: number;
  readonly digest: string;
}

export interface HeadTable {
  /** @throws StoreRefusedError `damaged` */
  read(): Head;
  /** @throws StoreFailedError when the database is not at `from`: something else has written. */
  move(from: Head, to: Head): void;
  /**
   * Makes the database a store of its own: what was committed stays, under an epoch that nobody has seen. Its version is
   * one higher, so that the numbers of before mean nothing else now.
   */
  beginEpoch(): Head;
  /** Writes and takes it back before it reaches the disk. Throws when the database cannot be written to. */
  rehearse(head: Head): void;
}

/** The head in the database; a new database gets an epoch of its own. */
export function openHeadTable(database: Database): HeadTable {
  createHead(database);
  const select = database.prepare<[], MetaRow>('SELECT * FROM meta WHERE id = 1');
  const update = database.prepare(
    'UPDATE meta SET revision = ?, version = ?, pruned_revision = ?, pruned_version = ?, digest = ?' +
      ' WHERE id = 1 AND epoch = ? AND revision = ? AND version = ?',
  );

  const begin = database.prepare('UPDATE meta SET epoch = ?, version = ?, digest = ? WHERE id = 1');

  function move(from: Head, to: Head): void {
    const [, ...numbers] = columnsOf(to);
    const moved = update.run(...numbers, digestOf(to), from.epoch, from.revision, from.version);
    if (moved.changes === 1) return;
    throw new StoreFailedError('the database is not where the store has left it — restart the control plane');
  }

  return {
    read: () => headOf(select.get()),
    move,
    beginEpoch() {
      const from = headOf(select.get());
      const to = { ...from, epoch: randomUUID(), version: from.version + 1 };
      begin.run(to.epoch, to.version, digestOf(to));
      return to;
    },
    rehearse(head) {
      // BEGIN IMMEDIATE alone succeeds on a database that may only be read.
      database.exec('BEGIN IMMEDIATE');
      try {
        move(head, head);
      } finally {
        if (database.inTransaction) database.exec('ROLLBACK');
      }
    },
  };
}

function createHead(database: Database): void {
  const isNew = database
    .prepare('SELECT 1 FROM meta UNION ALL SELECT 1 FROM object UNION ALL SELECT 1 FROM revision')
    .get();
  if (isNew !== undefined) return;
  const head = { epoch: randomUUID(), revision: 0, version: 1, prunedRevision: 0, prunedVersion: 0 };
  database
    .prepare(
      'INSERT INTO meta (id, epoch, revision, version, pruned_revision, pruned_version, digest) VALUES (1, ?, ?, ?, ?, ?, ?)',
    )
    .run(...columnsOf(head), digestOf(head));
}

function headOf(row: MetaRow | undefined): Head {
  if (row === undefined) throw damaged('the row of the table "meta" is missing');
  const { epoch, revision, version, pruned_revision: prunedRevision, pruned_version: prunedVersion } = row;
  const head = { epoch, revision, version, prunedRevision, prunedVersion };
  verifyRow(row, 'meta', columnsOf(head));
  return head;
}

function digestOf(head: Head): string {
  return rowDigest('meta', columnsOf(head));
}

function columnsOf(head: Head): readonly Column[] {
  return [head.epoch, head.revision, head.version, head.prunedRevision, head.prunedVersion];
}
