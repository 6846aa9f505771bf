import type { Database } from 'better-sqlite3';
import { isReservedSecret } from './reserved-secret.ts';
import { damaged, rowDigest, verifyRow, type Column } from './row-digest.ts';
import type { SealedValue, SecretRecord, StoredSecret } from './secret-store.ts';

interface SecretRow {
  readonly name: string;
  readonly revision: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly size: number;
  readonly key_id: string | null;
  readonly nonce: string;
  readonly value: string;
  readonly digest: string;
}

interface SecretHead {
  readonly revision: number;
  readonly count: number;
  readonly leftOut: readonly string[];
}

interface SecretHeadRow {
  readonly revision: number;
  readonly count: number;
  readonly left_out: string;
  readonly digest: string;
}

/** Writes belong into a transaction: each touches the secret and the head. */
export interface SecretTable {
  /**
   * Every secret, by name, once it is clear that none is missing.
   * @throws StoreRefusedError `damaged`
   */
  readAll(): readonly StoredSecret[];
  /** @throws StoreRefusedError `damaged` */
  read(name: string): StoredSecret | undefined;
  /** Creates or replaces it, as the next revision. */
  put(secret: Omit<StoredSecret, 'revision'>): SecretRecord;
  remove(name: string): void;
  reseal(secret: StoredSecret, sealed: SealedValue): void;
  /** Names that `leaveOutClear` has removed. */
  leftOut(): readonly string[];
  /** Removes every secret that is not encrypted, and remembers the names of those that nobody makes anew. */
  leaveOutClear(): readonly string[];
}

export function openSecretTable(database: Database): SecretTable {
  const select = database.prepare<[string], SecretRow>('SELECT * FROM secret WHERE name = ?');
  const all = database.prepare<[], SecretRow>('SELECT * FROM secret ORDER BY name');
  const insert = database.prepare('INSERT OR REPLACE INTO secret VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM secret WHERE name = ?');
  const head = openSecretHead(database);

  function readAll(): readonly StoredSecret[] {
    const { count, revision } = head.read();
    const secrets = all.all().map(secretOf);
    if (secrets.length !== count) throw damaged(`there are ${secrets.length} secrets, and ${count} were written`);
    const newer = secrets.find((secret) => secret.revision > revision);
    if (newer !== undefined) throw damaged(`the secret ${JSON.stringify(newer.name)} is newer than the store`);
    return secrets;
  }

  function write(secret: StoredSecret): void {
    const columns = secretColumns(secret);
    insert.run(...columns, rowDigest('secret', columns));
  }

  function removeAll(names: readonly string[]): void {
    const now = head.read();
    for (const name of names) remove.run(name);
    head.write({ ...now, revision: now.revision + 1, count: now.count - names.length });
  }

  return {
    readAll,
    read(name) {
      const row = select.get(name);
      return row === undefined ? undefined : secretOf(row);
    },
    put(secret) {
      const now = head.read();
      const added = select.get(secret.name) === undefined ? 1 : 0;
      const revision = now.revision + 1;
      write({ ...secret, revision });
      const leftOut = now.leftOut.filter((name) => name !== secret.name);
      head.write({ revision, count: now.count + added, leftOut });
      return recordOf({ ...secret, revision });
    },
    remove: (name) => removeAll([name]),
    reseal: (secret, sealed) => write({ ...secret, sealed }),
    leftOut: () => head.read().leftOut,
    leaveOutClear() {
      const clear = readAll().filter(({ sealed }) => sealed.keyId === undefined);
      const names = clear.map(({ name }) => name);
      if (names.length > 0) removeAll(names);
      const now = head.read();
      const missing = names.filter((name) => !isReservedSecret(name));
      const leftOut = [...new Set([...now.leftOut, ...missing])].sort();
      if (names.length > 0) head.write({ ...now, leftOut });
      return leftOut;
    },
  };
}

/** A secret without its value. */
export function recordOf({ name, revision, createdAt, updatedAt, size }: SecretRecord): SecretRecord {
  return { name, revision, createdAt, updatedAt, size };
}

/** There is no row as long as no secret was ever written. */
function openSecretHead(database: Database): { read(): SecretHead; write(head: SecretHead): void } {
  const select = database.prepare<[], SecretHeadRow>(
    'SELECT revision, count, left_out, digest FROM secret_head WHERE id = 1',
  );
  const insert = database.prepare('INSERT OR REPLACE INTO secret_head VALUES (1, ?, ?, ?, ?)');
  return {
    read() {
      const row = select.get();
      if (row === undefined) return { revision: 0, count: 0, leftOut: [] };
      const { revision, count, left_out: leftOut } = row;
      verifyRow(row, 'secret_head', [revision, count, leftOut]);
      return { revision, count, leftOut: JSON.parse(leftOut) as readonly string[] };
    },
    write({ revision, count, leftOut }) {
      const columns = [revision, count, JSON.stringify(leftOut)];
      insert.run(...columns, rowDigest('secret_head', columns));
    },
  };
}

function secretOf(row: SecretRow): StoredSecret {
  const { name, revision, created_at: createdAt, updated_at: updatedAt, size } = row;
  const sealed: SealedValue = {
    keyId: row.key_id ?? undefined,
    nonce: Buffer.from(row.nonce, 'base64'),
    bytes: Buffer.from(row.value, 'base64'),
  };
  const secret = { name, revision, createdAt, updatedAt, size, sealed };
  verifyRow(row, 'secret', [name, revision, createdAt, updatedAt, size, row.key_id, row.nonce, row.value]);
  return secret;
}

/** The name and the revision come first: a message about a damaged row shows those two. */
function secretColumns({ name, revision, createdAt, updatedAt, size, sealed }: StoredSecret): readonly Column[] {
  const { keyId = null, nonce, bytes } = sealed;
  return [name, revision, createdAt, updatedAt, size, keyId, nonce.toString('base64'), bytes.toString('base64')];
}
