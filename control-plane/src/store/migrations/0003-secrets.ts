import type { Migration } from '../migration.ts';

/**
 * Secrets as they are to lie on the medium, and how many there are: a row that the disk has lost is missed.
 *
 * The copy that a later migration makes of the older database must leave out what is not encrypted, as backups do.
 */
export const secrets: Migration = {
  version: 3,
  sql: `
    CREATE TABLE secret_head (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      revision INTEGER NOT NULL, -- of the newest write, removals included
      count INTEGER NOT NULL,
      left_out TEXT NOT NULL, -- JSON: names that a backup leaves out, because they were not encrypted
      digest TEXT NOT NULL
    ) STRICT;

    CREATE TABLE secret (
      name TEXT PRIMARY KEY,
      revision INTEGER NOT NULL,
      created_at INTEGER NOT NULL, -- Unix time in milliseconds
      updated_at INTEGER NOT NULL,
      size INTEGER NOT NULL, -- of the value, in bytes
      key_id TEXT, -- NULL: the value is not encrypted
      nonce TEXT NOT NULL, -- base64
      value TEXT NOT NULL, -- base64
      digest TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
