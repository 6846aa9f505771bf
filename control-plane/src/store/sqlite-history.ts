import type { Database } from 'better-sqlite3';
import { damaged, rowDigest, verifyRow, type Column } from './row-digest.ts';
import type { ChangeCounts, Commit, IntentKind, ObjectChange, RevisionSummary } from './store.ts';
import type { StoredChange } from './stored-change.ts';

/** Counts of revisions that are remembered. */
const MOST_KNOWN_COUNTS = 10_000;

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
  /** The revision, not below `after`, since which no more than so many objects have changed, counted per commit. */
  startOf(mostObjects: number, after: number): number;
  /**
   * Every commit after a revision, oldest first.
   * @throws StoreRefusedError `damaged`
   */
  readAfter(revision: number): Iterable<Commit>;
  /**
   * Checks what `readAfter` would read, and yields where each commit stands.
   * @throws StoreRefusedError `damaged`
   */
  verifyAfter(revision: number): Iterable<Pick<Commit, 'revision' | 'version'>>;
  /**
   * One commit; undefined when it is no longer kept, or not there yet.
   * @throws StoreRefusedError `damaged`
   */
  read(revision: number): Commit | undefined;
  /**
   * What `read` gives, its changes only counted.
   * @throws StoreRefusedError `damaged`
   */
  summaryOf(revision: number): RevisionSummary | undefined;
  /** Drops at most `rows` changes of the revisions up to this one, the oldest first. */
  prune(revision: number, rows: number): void;
}

export function openHistoryTable(database: Database): HistoryTable {
  return { ...openHistoryReader(database), ...openHistoryWriter(database) };
}

function openHistoryReader(database: Database): Omit<HistoryTable, 'append' | 'prune'> {
  const versionOf = database.prepare<[number], number>('SELECT version FROM revision WHERE revision = ?').pluck();
  // Walks back from the newest: as many rows as the reader lacks.
  const revisionAt = database
    .prepare<[number], number>('SELECT revision FROM revision WHERE version <= ? ORDER BY revision DESC LIMIT 1')
    .pluck();
  const revisions = database.prepare<[number], RevisionRow>(
    'SELECT * FROM revision WHERE revision > ? ORDER BY revision',
  );
  const sizes = database.prepare<[number], Pick<RevisionRow, 'revision' | 'changes'>>(
    'SELECT revision, changes FROM revision WHERE revision > ? ORDER BY revision DESC',
  );
  const revisionRow = database.prepare<[number], RevisionRow>('SELECT * FROM revision WHERE revision = ?');
  const changes = database.prepare<[number], ChangeRow>('SELECT * FROM change WHERE revision = ? ORDER BY position');
  const countsOf = openCounts(database);
  return {
    versionOf: (revision) => versionOf.get(revision),
    revisionAt: (version) => revisionAt.get(version),
    startOf(mostObjects, after) {
      let left = mostObjects;
      for (const { revision, changes: objects } of sizes.iterate(after)) {
        left -= objects;
        if (left < 0) return revision;
      }
      return after;
    },
    *readAfter(revision) {
      // Not iterated: the statement could not be used again while a caller stands still in the middle.
      for (const row of revisions.all(revision)) yield commitOf(row, changes.all(row.revision));
    },
    *verifyAfter(revision) {
      for (const row of revisions.all(revision)) {
        const header = headerOf(row);
        for (const change of changesOf(row, changes.all(row.revision))) verifyChange(change);
        yield header;
      }
    },
    read(revision) {
      const row = revisionRow.get(revision);
      return row === undefined ? undefined : commitOf(row, changes.all(revision));
    },
    summaryOf(revision) {
      const row = revisionRow.get(revision);
      return row === undefined ? undefined : { ...headerOf(row), counts: countsOf(revision) };
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
  const header = headerOf(row);
  return { ...header, objects: changesOf(row, changes).map(objectChangeOf) };
}

function changesOf(row: RevisionRow, changes: readonly ChangeRow[]): readonly ChangeRow[] {
  if (changes.length === row.changes) return changes;
  throw damaged(`changes of revision ${row.revision} are missing`);
}

function headerOf(row: RevisionRow): Omit<Commit, 'objects'> {
  verifyRow(row, 'revision', revisionColumns(row));
  const { revision, version, at, author, message } = row;
  return { revision, version, at, author, message };
}

interface CountRow extends ChangeCounts {
  readonly kind: IntentKind;
}

/** Counted by SQLite once for each revision that is asked for: what a revision changed never changes. */
function openCounts(database: Database): (revision: number) => RevisionSummary['counts'] {
  const known = new Map<number, RevisionSummary['counts']>();
  const select = database.prepare<[number], CountRow>(
    'SELECT kind, sum(before IS NULL) AS added, sum(after IS NULL) AS removed,' +
      ' sum(before IS NOT NULL AND after IS NOT NULL AND before <> after) AS changed' +
      ' FROM change WHERE revision = ? GROUP BY kind',
  );
  return (revision) => {
    const counted = known.get(revision);
    if (counted !== undefined) return counted;
    if (known.size >= MOST_KNOWN_COUNTS) known.clear();
    const counts = countsByKind(select.all(revision));
    known.set(revision, counts);
    return counts;
  };
}

function countsByKind(rows: readonly CountRow[]): RevisionSummary['counts'] {
  const none: ChangeCounts = { added: 0, changed: 0, removed: 0 };
  const counts: Record<IntentKind, ChangeCounts> = { backend: none, server: none, override: none, host: none };
  for (const { kind, added, changed, removed } of rows) counts[kind] = { added, changed, removed };
  return counts;
}

function verifyChange(row: ChangeRow): void {
  verifyRow(row, 'change', changeColumns(row));
}

function objectChangeOf(row: ChangeRow): ObjectChange {
  verifyChange(row);
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
