import type { Migration } from '../migration.ts';

/**
 * What others than operators bring, how much of it there is (a row that the disk has lost is missed), and which objects the
 * last versions changed that no revision made: enough for deltas across a restart.
 */
export const membership: Migration = {
  version: 4,
  sql: `
    CREATE TABLE owned_head (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      count INTEGER NOT NULL,
      version INTEGER NOT NULL, -- of the newest change
      digest TEXT NOT NULL
    ) STRICT;

    CREATE TABLE owned (
      owner TEXT NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      document TEXT NOT NULL,
      digest TEXT NOT NULL,
      PRIMARY KEY (owner, kind, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE membership_step (
      version INTEGER PRIMARY KEY,
      objects TEXT NOT NULL, -- JSON: [[kind, name], …]
      digest TEXT NOT NULL
    ) STRICT;
  `,
};
