import Database from 'better-sqlite3';
import { ManualClock } from '@headgate/shared/manual-clock';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeAccessStore, keptForTests, type AccessStoreHarness } from './access-store.cases.ts';
import { SqliteStore } from './sqlite-store.ts';

describeAccessStore('SqliteStore', openHarness);

async function openHarness(): Promise<AccessStoreHarness> {
  const dataDir = mkdtempSync(join(tmpdir(), 'headgate-access-store-'));
  const clock = new ManualClock();
  const open = (): Promise<SqliteStore> => SqliteStore.open({ dataDir, clock, auditRetention: keptForTests });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async destroy() {
      await store.close();
      rmSync(dataDir, { recursive: true });
    },
    room: {
      exhaust: () => store.limitBytes(4_096),
      restore: () => store.limitBytes(undefined),
    },
  };
}

describe('SqliteStore with altered rows of access', () => {
  const clock = new ManualClock();
  let dataDir: string;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'headgate-access-damaged-'));
    const store = await SqliteStore.open({ dataDir, clock });
    const token = { name: 'ci', secretDigest: 'x', scopes: ['read'], createdAt: 1, createdBy: 'admin' };
    const joinTokens = [{ secretDigest: 'y', createdAt: 1, expiresAt: 2 }];
    await store.access.commit({ putTokens: [token], joinTokens, audit: [] });
    await store.commit(0, { objects: [{ kind: 'host', name: '*', after: {} }], author: 'ci', message: '' });
    await store.close();
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it.each([
    ['token', `UPDATE token SET scopes = '["admin"]'`],
    ['token', 'UPDATE token SET expires_at = NULL, last_used_at = 5'],
    ['join_token', 'UPDATE join_token SET expires_at = NULL'],
    ['audit', "UPDATE audit SET actor = 'eve'"],
    ['audit', 'UPDATE audit SET lane = 1'],
  ])('refuses to open, and names the table "%s": %s', async (table, sql) => {
    const database = new Database(join(dataDir, 'headgate.db'));
    database.exec(sql);
    database.close();
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({
      reason: 'damaged',
      message: expect.stringContaining(`the table "${table}"`) as string,
    });
  });
});
