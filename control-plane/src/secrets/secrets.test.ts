import { randomBytes } from 'node:crypto';
import { createLogger, type Logger } from '@headgate/shared/logger';
import { ManualClock } from '@headgate/shared/manual-clock';
import Database from 'better-sqlite3';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databasePath } from '../store/database-path.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { secretsKey, type SecretsKeys } from './secrets-key.ts';
import { Secrets, type SecretsOptions } from './secrets.ts';

const who = { author: 'ada', message: 'because', origin: { operation: 'putSecret', remote: '127.0.0.1' } };
const canary = 'canary-2f9d1c66-value';
const [key, newKey, strangeKey] = [
  secretsKey(randomBytes(32)),
  secretsKey(randomBytes(32)),
  secretsKey(randomBytes(32)),
];

describe('secrets', () => {
  const clock = new ManualClock();
  let dataDir: string;
  let store: SqliteStore;
  let secrets: Secrets;
  let warnings: unknown[];

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'headgate-secrets-'));
    store = await SqliteStore.open({ dataDir, clock });
    warnings = [];
  });
  afterEach(async () => {
    await secrets?.close();
    await store.close();
    rmSync(dataDir, { recursive: true });
  });

  async function begin(keys: SecretsKeys, more: Partial<SecretsOptions> = {}): Promise<void> {
    const logger: Logger = createLogger('test', 'silent');
    logger.warn = (...line: unknown[]) => void warnings.push(line);
    secrets = await Secrets.create(store.secrets, { keys, clock, logger, ...more });
    await secrets.start();
  }

  async function restart(keys: SecretsKeys): Promise<void> {
    await secrets.close();
    await store.close();
    store = await SqliteStore.open({ dataDir, clock });
    await begin(keys);
  }

  function put(name: string, text = canary) {
    return secrets.put({ name, value: Buffer.from(text), who });
  }

  it('are written, used, and known without their values', async () => {
    await begin({ current: key });
    expect(await put('tls-key')).toMatchObject({ created: true, record: { name: 'tls-key', size: canary.length } });
    expect((await secrets.read('tls-key'))?.toString()).toBe(canary);
    expect(await secrets.read('other')).toBeUndefined();
    expect(JSON.stringify([...secrets.records.value])).not.toContain(canary);
    expect(await put('tls-key', 'another')).toMatchObject({ created: false });
    expect((await secrets.read('tls-key'))?.toString()).toBe('another');
  });

  it('lie encrypted in every file when there is a key', async () => {
    await begin({ current: key });
    await put('a');
    expect(filesWith(canary)).toEqual([]);
    await restart({ current: key });
    expect((await secrets.read('a'))?.toString()).toBe(canary);
    expect(filesWith(canary)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('lie as they are without a key, which is said at start', async () => {
    await begin({});
    await put('a');
    expect(warnings).toEqual([]);
    await restart({});
    expect(JSON.stringify(warnings)).toContain('HEADGATE_SECRETS_KEY is not set');
    expect((await secrets.read('a'))?.toString()).toBe(canary);
  });

  it('are encrypted at the first start with a key, and nothing of them is left as it was', async () => {
    await begin({});
    await put('a');
    await put('b', `${canary}-b`);
    await secrets.remove({ name: 'b', who });
    expect(filesWith(canary)).not.toEqual([]);
    const before = [...secrets.records.value];
    await restart({ current: key });
    expect(filesWith(canary)).toEqual([]);
    expect([...secrets.records.value]).toEqual(before);
    expect((await secrets.read('a'))?.toString()).toBe(canary);
  });

  it('change their key with the previous one at hand, and need it no more', async () => {
    await begin({ current: key });
    await put('a');
    await restart({ current: newKey, previous: key });
    await restart({ current: newKey });
    expect((await secrets.read('a'))?.toString()).toBe(canary);
  });

  it.each<[string, SecretsKeys, string]>([
    ['no key', {}, 'HEADGATE_SECRETS_KEY is not set'],
    ['another key', { current: newKey }, `HEADGATE_SECRETS_KEY is the key ${newKey.id}`],
    ['another previous key', { current: newKey, previous: strangeKey }, 'HEADGATE_SECRETS_KEY_PREVIOUS is the key'],
  ])('refuse to start with %s, saying what to do, and stay as they are', async (_, keys, text) => {
    await begin({ current: key });
    await put('a');
    await secrets.close();
    const refusal = await begin(keys).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'SecretsRefusedError' });
    expect(String(refusal)).toContain(text);
    expect(String(refusal)).toContain(`1 under the key ${key.id}`);
    expect(String(refusal)).toContain('set HEADGATE_SECRETS_KEY to the key');
    await restart({ current: key });
    expect((await secrets.read('a'))?.toString()).toBe(canary);
  });

  it('notice a value that was moved to another name', async () => {
    await begin({ current: key });
    await put('a');
    await put('b', 'another');
    const a = (await store.secrets.read('a'))!;
    await store.secrets.reseal('b', (await store.secrets.read('b'))!.revision, a.sealed);
    await secrets.close();
    await expect(begin({ current: key })).rejects.toThrow('The secret "b" is not what was encrypted');
  });

  it('honour preconditions by a counter of their own', async () => {
    await begin({ current: key });
    const { record } = await put('a');
    const write = { name: 'a', value: Buffer.from('x'), who };
    await expect(secrets.put({ ...write, ifMatch: [record.revision + 1] })).rejects.toMatchObject({
      code: 'HEADGATE_STALE',
    });
    await expect(secrets.put({ ...write, ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'HEADGATE_STALE' });
    await expect(secrets.remove({ name: 'a', ifMatch: [99], who })).rejects.toMatchObject({ code: 'HEADGATE_STALE' });
    const writes = [1, 2].map(() => secrets.put({ ...write, ifMatch: [record.revision] }));
    expect((await Promise.allSettled(writes)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await store.load()).revision).toBe(0);
  });

  it('are not removed while something names them', async () => {
    await begin({ current: key }, { references: (name) => (name === 'a' ? ['listener/web'] : []) });
    await put('a');
    await put('b');
    await expect(secrets.remove({ name: 'a', who })).rejects.toMatchObject({
      code: 'HEADGATE_IN_USE',
      faults: [{ code: 'secret_in_use', detail: 'listener/web names it' }],
    });
    await secrets.remove({ name: 'b', who });
    await expect(secrets.remove({ name: 'b', who })).rejects.toMatchObject({ code: 'HEADGATE_NOT_FOUND' });
    expect([...secrets.records.value.keys()]).toEqual(['a']);
  });

  it('are noted in the audit log, without their values', async () => {
    await begin({});
    await put('a');
    await secrets.remove({ name: 'a', who });
    const entries = await store.access.readAudit({ limit: 10 });
    expect(entries).toMatchObject([
      { actor: 'ada', objects: ['secret/a'], outcome: 'written' },
      { actor: 'ada', objects: ['secret/a'], message: 'because' },
    ]);
    expect(JSON.stringify(entries)).not.toContain(canary);
  });

  it('answer a full disk as such, and hold what they held', async () => {
    await begin({ current: key });
    await put('a');
    store.limitBytes(4_096);
    await expect(put('b', 'x'.repeat(65_536))).rejects.toMatchObject({ code: 'HEADGATE_STORE_FULL' });
    expect([...secrets.records.value.keys()]).toEqual(['a']);
    store.limitBytes(undefined);
    await put('b');
  });

  it('take no write before they are started or once they are closed', async () => {
    await begin({});
    await secrets.close();
    await expect(put('a')).rejects.toMatchObject({ code: 'HEADGATE_UNAVAILABLE' });
  });

  /** Values are stored in base64, which begins differently by what stands before. */
  function filesWith(text: string): readonly string[] {
    const spellings = [Buffer.from(text), Buffer.from(Buffer.from(text).toString('base64').slice(0, 24))];
    return readdirSync(dataDir).filter((name) => {
      const content = readFileSync(join(dataDir, name));
      return spellings.some((spelling) => content.includes(spelling));
    });
  }

  it('are seen by the search of these tests when they are there', () => {
    const path = databasePath(dataDir);
    const database = new Database(path);
    database.exec(`CREATE TABLE probe (x); INSERT INTO probe VALUES ('${Buffer.from(canary).toString('base64')}')`);
    database.pragma('wal_checkpoint(TRUNCATE)');
    expect(filesWith(canary)).toContain('headgate.db');
    database.close();
  });
});
