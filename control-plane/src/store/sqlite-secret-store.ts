import type { SecretStore, SecretWrite, StoredSecret } from './secret-store.ts';
import { recordOf, type SecretTable } from './sqlite-secrets.ts';
import type { SqliteTables } from './sqlite-tables.ts';
import { StaleRevisionError } from './store.ts';

export interface SqliteSecretStoreOptions {
  readonly read: <T>(action: (tables: SqliteTables) => T) => T;
  /** Runs in a transaction that is durable when it returns. */
  readonly transact: <T>(action: (tables: SqliteTables) => T) => T;
}

/** Secrets in the database of the configuration. */
export function sqliteSecretStore({ read, transact }: SqliteSecretStoreOptions): SecretStore {
  return {
    load: async () => read(({ secrets }) => secrets.readAll()),
    read: async (name) => read(({ secrets }) => secrets.read(name)),
    put: async (secret) =>
      transact((tables) => {
        const present = expectedSecret(tables.secrets, secret);
        const { name, size, sealed, at } = secret;
        noteWrite(tables, secret);
        return tables.secrets.put({ name, size, sealed, createdAt: present?.createdAt ?? at, updatedAt: at });
      }),
    remove: async (secret) =>
      transact((tables) => {
        if (expectedSecret(tables.secrets, secret) === undefined) return;
        noteWrite(tables, secret);
        tables.secrets.remove(secret.name);
      }),
    reseal: async (name, revision, sealed) =>
      transact(({ secrets }) => {
        const present = expectedSecret(secrets, { name, expected: revision });
        if (present !== undefined) secrets.reseal(present, sealed);
      }),
    scrub: async () => read(scrubDatabase),
    leftOut: async () => read(({ secrets }) => secrets.leftOut()),
  };
}

/** @throws StaleRevisionError when something else is there */
function expectedSecret(
  secrets: SecretTable,
  { name, expected }: Pick<SecretWrite, 'name' | 'expected'>,
): StoredSecret | undefined {
  const present = secrets.read(name);
  if (present?.revision === expected) return present;
  const found = present === undefined ? 'does not exist' : `is at revision ${recordOf(present).revision}`;
  throw new StaleRevisionError(`the secret ${JSON.stringify(name)} ${found}`);
}

function noteWrite({ audit }: SqliteTables, { audit: entries = [] }: SecretWrite): void {
  for (const entry of entries) audit.append(entry);
}

/**
 * Free pages keep what was deleted, and so does the write-ahead log: the database is written anew, and the log cut to
 * nothing. What the disk itself keeps of old blocks is beyond reach.
 */
function scrubDatabase({ database }: SqliteTables): void {
  database.exec('VACUUM');
  database.pragma('wal_checkpoint(TRUNCATE)');
}
