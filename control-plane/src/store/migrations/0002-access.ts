import type { Migration } from '../migration.ts';

/**
 * Tokens by their digests, and the audit log. A lane of the log is what is kept and forgotten together: 0 writes,
 * 1 refusals of known callers, 2 refusals of unknown ones, which anybody can cause.
 */
export const access: Migration = {
  version: 2,
  sql: `
    CREATE TABLE token (
      name TEXT PRIMARY KEY,
      secret_digest TEXT NOT NULL,
      scopes TEXT NOT NULL, -- JSON
      created_at INTEGER NOT NULL, -- Unix time in milliseconds
      created_by TEXT NOT NULL,
      expires_at INTEGER,
      last_used_at INTEGER,
      digest TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE join_token (
      secret_digest TEXT PRIMARY KEY,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      digest TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE audit (
      lane INTEGER NOT NULL,
      id INTEGER NOT NULL,
      at INTEGER NOT NULL,
      actor TEXT,
      operation TEXT NOT NULL,
      objects TEXT NOT NULL, -- JSON
      changes INTEGER NOT NULL,
      revision INTEGER,
      message TEXT NOT NULL,
      remote TEXT NOT NULL,
      code TEXT,
      count INTEGER NOT NULL,
      digest TEXT NOT NULL,
      PRIMARY KEY (lane, id)
    ) STRICT, WITHOUT ROWID;
  `,
};
