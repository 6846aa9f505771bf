import Database from 'better-sqlite3';
import { ManualClock } from '@headgate/shared/manual-clock';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databasePath } from './database-path.ts';
import type { SecretStore } from './secret-store.ts';
import { describeSecretStore } from './secret-store.cases.ts';
import { SqliteStore } from './sqlite-store.ts';

const clock = new ManualClock();

describeSecretStore('SqliteStore', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'headgate-secrets-'));
  let store = await SqliteStore.open({ dataDir, clock });
  return {
    secrets: store.secrets,
    access: store.access,
    async reopen(): Promise<SecretStore> {
      await store.close();
      store = await SqliteStore.open({ dataDir, clock });
      return store.secrets;
    },
    async destroy() {
      await store.close();
      rmSync(dataDir, { recursive: true });
    },
    room: { exhaust: () => store.limitBytes(4_096), restore: () => store.limitBytes(undefined) },
  };
});

describe('secrets in a database', () => {
  let dataDir: string;
  let path: string;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'headgate-secrets-'));
    path = databasePath(dataDir);
    const store = await SqliteStore.open({ dataDir, clock });
    for (const name of ['a', 'b', 'c']) await put(store, name, `${name}'s own value`);
    await store.close();
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it.each([
    ['a value', "UPDATE secret SET value = 'AAAA' WHERE name = 'a'"],
    ['a name', "UPDATE secret SET name = 'z' WHERE name = 'a'"],
    ['a key', "UPDATE secret SET key_id = 'k' WHERE name = 'a'"],
    ['a size', "UPDATE secret SET size = 1 WHERE name = 'a'"],
    ['a lost secret', "DELETE FROM secret WHERE name = 'b'"],
    ['a lost head', 'DELETE FROM secret_head'],
    ['a changed head', 'UPDATE secret_head SET revision = 1'],
    ['a left-out name', `UPDATE secret_head SET left_out = '["x"]'`],
  ])('make a store damaged by %s, and the message shows no value', async (_, sql) => {
    const database = new Database(path);
    database.exec(sql);
    database.close();
    const error = await SqliteStore.open({ dataDir, clock }).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ name: 'StoreRefusedError', reason: 'damaged' });
    expect(String(error)).not.toContain("'s own value");
    expect(String(error)).not.toContain(Buffer.from("a's own value").toString('base64'));
  });

  it('leave nothing of a removed or replaced value behind once they are scrubbed', async () => {
    const store = await SqliteStore.open({ dataDir, clock });
    expect(traces("a's own value")).toBe(true);
    await store.secrets.remove({ name: 'a', expected: 1, at: 0 });
    await store.secrets.reseal('b', 2, { keyId: 'k', nonce: Buffer.alloc(12), bytes: Buffer.from('sealed') });
    await store.secrets.scrub();
    expect([traces("a's own value"), traces("b's own value"), traces("c's own value")]).toEqual([false, false, true]);
    await store.close();
  });

  function traces(text: string): boolean {
    const files = ['', '-wal'].map((suffix) => readFileSync(path + suffix, 'latin1')).join('');
    return files.includes(Buffer.from(text).toString('base64').slice(0, 12));
  }
});

async function put(store: SqliteStore, name: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const sealed = { keyId: undefined, nonce: Buffer.alloc(0), bytes };
  await store.secrets.put({ name, expected: undefined, at: 0, size: bytes.length, sealed });
}
