import type { Migration } from '../migration.ts';

/**
 * Objects as they are now, and the history that has led there. Rows are found by their keys alone: an index would be a
 * second truth that no digest covers.
 */
export const objectsAndHistory: Migration = {
  version: 1,
  sql: `
    CREATE TABLE meta (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      epoch TEXT NOT NULL,
      revision INTEGER NOT NULL,
      version INTEGER NOT NULL,
      pruned_revision INTEGER NOT NULL, -- the newest whose changes are no longer kept; 0: all are
      pruned_version INTEGER NOT NULL,
      digest TEXT NOT NULL
    ) STRICT;

    CREATE TABLE object (
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      document TEXT NOT NULL,
      revision INTEGER NOT NULL,
      digest TEXT NOT NULL,
      PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE revision (
      revision INTEGER PRIMARY KEY,
      version INTEGER NOT NULL,
      at INTEGER NOT NULL, -- Unix time in milliseconds
      author TEXT NOT NULL,
      message TEXT NOT NULL,
      changes INTEGER NOT NULL, -- how many rows of change belong to it
      digest TEXT NOT NULL
    ) STRICT;

    CREATE TABLE change (
      revision INTEGER NOT NULL REFERENCES revision (revision),
      position INTEGER NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      before TEXT, -- NULL: absent
      after TEXT,
      digest TEXT NOT NULL,
      PRIMARY KEY (revision, position)
    ) STRICT, WITHOUT ROWID;
  `,
};
