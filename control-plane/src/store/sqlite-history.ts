import type { Database } from 'better-sqlite3';
import { damaged, rowDigest, verifyRow, type Column } from './row-digest.ts';
import type { Commit, IntentKind, ObjectChange } from './store.ts';
import type { StoredChange } from './stored-change.ts';

interface RevisionRow {
  readonly revision: number;
  readonly version: number;
  readonly at: number;
  readonly author: string;
  readonly message: string;
  readonly changes: number;
  readonly digest: string;
}

interface ChangeRow {
  readonly revision: number;
  readonly position: number;
  readonly kind: IntentKind;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly digest: string;
}

export interface HistoryTable {
  append(commit: Commit, changes: readonly StoredChange[]): void;
  /** The version of a revision; undefined when the revision is no longer kept. */
  versionOf(revision: number): number | undefined;
  /** The newest revision that is kept and part of a version. */
  revisionAt(version: number): number | undefined;
  /**
   * Every commit after a revision, oldest first.
   * @throws StoreRefusedError `damaged`
   */
  readAfter(revision: number): Iterable<Commit>;
  /** Drops at most `rows` changes of the revisions up to this one, the oldest first. */
  prune(revision: number, rows: number): void;
}

export function openHistoryTable(database: Database): HistoryTable {
  return { ...openHistoryReader(database), ...openHistoryWriter(database) };
}

function openHistoryReader(database: Database): Pick<HistoryTable, 'versionOf' | 'revisionAt' | 'readAfter'> {
  const versionOf = database.prepare<[number], number>('SELECT version FROM revision WHERE revision = ?').pluck();
  // Walks back from the newest: as many rows as the reader lacks.
  const revisionAt = database
    .prepare<[number], number>('SELECT revision FROM revision WHERE version <= ? ORDER BY revision DESC LIMIT 1')
    .pluck();
  const revisions = database.prepare<[number], RevisionRow>(
    'SELECT * FROM revision WHERE revision > ? ORDER BY revision',
  );
  const changes = database.prepare<[number], ChangeRow>('SELECT * FROM change WHERE revision = ? ORDER BY position');
  return {
    versionOf: (revision) => versionOf.get(revision),
    revisionAt: (version) => revisionAt.get(version),
    *readAfter(revision) {
      // Not iterated: the statement could not be used again while a caller stands still in the middle.
      for (const row of revisions.all(revision)) yield commitOf(row, changes.all(row.revision));
    },
  };
}

function openHistoryWriter(database: Database): Pick<HistoryTable, 'append' | 'prune'> {
  const insertRevision = database.prepare(
    'INSERT INTO revision (revision, version, at, author, message, changes, digest) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertChange = database.prepare(
    'INSERT INTO change (revision, position, kind, name, before, after, digest) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const pruneChanges = database.prepare(
    'DELETE FROM change WHERE (revision, position) IN' +
      ' (SELECT revision, position FROM change WHERE revision <= ? ORDER BY revision, position LIMIT ?)',
  );
  const pruneRevisions = database.prepare(
    'DELETE FROM revision WHERE revision <= ? AND revision < (SELECT min(revision) FROM change)',
  );
  return {
    append(commit, changes) {
      const columns = revisionColumns({ ...commit, changes: changes.length });
      insertRevision.run(...columns, rowDigest('revision', columns));
      changes.forEach((change, position) => {
        const row = changeColumns({ ...change, revision: commit.revision, position });
        insertChange.run(...row, rowDigest('change', row));
      });
    },
    prune(revision, rows) {
      if (pruneChanges.run(revision, rows).changes > 0) pruneRevisions.run(revision);
    },
  };
}

function commitOf(row: RevisionRow, changes: readonly ChangeRow[]): Commit {
  verifyRow(row, 'revision', revisionColumns(row));
  if (changes.length !== row.changes) throw damaged(`changes of revision ${row.revision} are missing`);
  const { revision, version, at, author, message } = row;
  return { revision, version, at, author, message, objects: changes.map(objectChangeOf) };
}

function objectChangeOf(row: ChangeRow): ObjectChange {
  verifyRow(row, 'change', changeColumns(row));
  const { kind, name, before, after } = row;
  return { kind, name, ...documentOf('before', before), ...documentOf('after', after) };
}

function documentOf(key: 'before' | 'after', text: string | null): Partial<ObjectChange> {
  return text === null ? {} : { [key]: JSON.parse(text) as unknown };
}

function revisionColumns(row: Omit<RevisionRow, 'digest'>): readonly Column[] {
  return [row.revision, row.version, row.at, row.author, row.message, row.changes];
}

function changeColumns(row: Omit<ChangeRow, 'digest'>): readonly Column[] {
  return [row.revision, row.position, row.kind, row.name, row.before, row.after];
}
