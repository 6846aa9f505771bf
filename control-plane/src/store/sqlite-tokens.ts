import type { Database } from 'better-sqlite3';
import type { StoredJoinToken, StoredToken } from './access-store.ts';
import { rowDigest, verifyRow, type Column } from './row-digest.ts';

interface TokenRow {
  readonly name: string;
  readonly secret_digest: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly created_by: string;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly digest: string;
}

interface JoinTokenRow {
  readonly secret_digest: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly digest: string;
}

export interface TokenTable {
  /** @throws StoreRefusedError `damaged` */
  read(): readonly StoredToken[];
  put(token: StoredToken): void;
  remove(name: string): void;
}

export interface JoinTokenTable {
  /** @throws StoreRefusedError `damaged` */
  read(): readonly StoredJoinToken[];
  replace(tokens: readonly StoredJoinToken[]): void;
}

export function openTokenTable(database: Database): TokenTable {
  const select = database.prepare<[], TokenRow>('SELECT * FROM token ORDER BY name');
  const put = database.prepare('INSERT OR REPLACE INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM token WHERE name = ?');
  return {
    read: () => select.all().map(tokenOf),
    put(token) {
      const columns = tokenColumns(token);
      put.run(...columns, rowDigest('token', columns));
    },
    remove: (name) => void remove.run(name),
  };
}

export function openJoinTokenTable(database: Database): JoinTokenTable {
  const select = database.prepare<[], JoinTokenRow>('SELECT * FROM join_token ORDER BY secret_digest');
  const insert = database.prepare('INSERT INTO join_token VALUES (?, ?, ?, ?)');
  const clear = database.prepare('DELETE FROM join_token');
  return {
    read: () => select.all().map(joinTokenOf),
    replace(tokens) {
      clear.run();
      for (const token of tokens) {
        const columns = joinTokenColumns(token);
        insert.run(...columns, rowDigest('join_token', columns));
      }
    },
  };
}

function tokenOf(row: TokenRow): StoredToken {
  return {
    name: row.name,
    secretDigest: row.secret_digest,
    scopes: scopesOf(row),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}

/** The row is checked before its JSON is read. */
function scopesOf(row: TokenRow): readonly string[] {
  verifyRow(row, 'token', [
    ...[row.name, row.secret_digest, row.scopes, row.created_at],
    ...[row.created_by, row.expires_at, row.last_used_at],
  ]);
  return JSON.parse(row.scopes) as readonly string[];
}

function tokenColumns(token: StoredToken): readonly Column[] {
  const { name, secretDigest, scopes, createdAt, createdBy, expiresAt, lastUsedAt } = token;
  return [name, secretDigest, JSON.stringify(scopes), createdAt, createdBy, expiresAt ?? null, lastUsedAt ?? null];
}

function joinTokenOf(row: JoinTokenRow): StoredJoinToken {
  const { secret_digest: secretDigest, created_at: createdAt, expires_at: expiresAt } = row;
  verifyRow(row, 'join_token', [secretDigest, createdAt, expiresAt]);
  return { secretDigest, createdAt, expiresAt: expiresAt ?? undefined };
}

function joinTokenColumns({ secretDigest, createdAt, expiresAt }: StoredJoinToken): readonly Column[] {
  return [secretDigest, createdAt, expiresAt ?? null];
}
