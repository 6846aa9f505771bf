import type { Database } from 'better-sqlite3';
import { rowDigest, verifyRow, type Column } from './row-digest.ts';
import type { IntentKind, StoredObject } from './store.ts';
import type { StoredChange } from './stored-change.ts';

interface ObjectRow {
  readonly kind: IntentKind;
  readonly name: string;
  readonly document: string;
  readonly revision: number;
  readonly digest: string;
}

export interface ObjectTable {
  /**
   * Every object, by kind and name.
   * @throws StoreRefusedError `damaged`
   */
  read(): Iterable<StoredObject>;
  /** @throws Error when the object is not what the change says it was. */
  apply(change: StoredChange, revision: number): void;
}

export function openObjectTable(database: Database): ObjectTable {
  const select = database.prepare<[], ObjectRow>('SELECT * FROM object ORDER BY kind, name');
  const insert = database.prepare(
    'INSERT OR IGNORE INTO object (kind, name, document, revision, digest) VALUES (?, ?, ?, ?, ?)',
  );
  const update = database.prepare(
    'UPDATE object SET document = ?, revision = ?, digest = ? WHERE kind = ? AND name = ? AND document = ?',
  );
  const remove = database.prepare('DELETE FROM object WHERE kind = ? AND name = ? AND document = ?');

  function write({ kind, name, before, after }: StoredChange, revision: number): { readonly changes: number } {
    if (after === null) return remove.run(kind, name, before);
    const digest = rowDigest('object', [kind, name, after, revision]);
    if (before === null) return insert.run(kind, name, after, revision, digest);
    return update.run(after, revision, digest, kind, name, before);
  }

  return {
    *read() {
      for (const row of select.iterate()) yield objectOf(row);
    },
    apply(change, revision) {
      if (write(change, revision).changes === 1) return;
      throw new Error(`the ${change.kind} ${JSON.stringify(change.name)} is not what the change says it was`);
    },
  };
}

function objectOf(row: ObjectRow): StoredObject {
  const { kind, name, document, revision } = row;
  const columns: readonly Column[] = [kind, name, document, revision];
  verifyRow(row, 'object', columns);
  return { kind, name, document: JSON.parse(document) as unknown, revision };
}
