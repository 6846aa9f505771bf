import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { databasePath } from '../store/database-path.ts';
import { objectsAndHistory } from '../store/migrations/0001-objects-and-history.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { adviseRestore } from './advise-restore.ts';
import { backupStage, type BackupStage } from './backup-stage.cases.ts';
import { restoreCommand, type RestoreOutcome } from './restore-command.ts';

describe('headgate-control-plane restore', () => {
  let stage: BackupStage;
  let backup: string;
  beforeEach(async () => {
    stage = await backupStage();
    await stage.commit('a');
    await stage.commit('b');
    const made = await (await stage.begin()).make();
    backup = join(stage.directory, made.name);
    await stage.commit('c');
  });
  afterEach(() => stage.destroy());

  function restore(from = backup, dataDir = stage.dataDir): Promise<RestoreOutcome> {
    return restoreCommand({ argv: ['--from', from, '--data-dir', dataDir], env: {}, readFile: () => '' });
  }

  it('brings the content of the backup back as a new epoch, and keeps the old database aside', async () => {
    const before = await stage.store.load();
    await stage.store.close();
    const outcome = await restore();
    expect(outcome).toMatchObject({ exitCode: 0 });
    const after = await (await stage.reopen()).load();
    expect(after.objects.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(after).toMatchObject({ revision: 2, version: 4 });
    expect(after.epoch).not.toBe(before.epoch);
    const aside = readdirSync(stage.dataDir).find((name) => /^headgate\.db\.replaced-\d{8}T\d{9}Z$/.test(name))!;
    expect(outcome.text).toContain(aside);
    expect(outcome.text).toContain(after.epoch);
    const old = await SqliteStore.open({ path: join(stage.dataDir, aside), clock: stage.clock });
    expect(await old.load()).toEqual(before);
    await old.close();
  });

  it('goes on with history, revisions and versions after that', async () => {
    await stage.store.close();
    await restore();
    const store = await stage.reopen();
    await stage.commit('d');
    expect(await store.load()).toMatchObject({ revision: 3, version: 5 });
    expect((await store.commitsSince(1))?.map(({ revision, version }) => [revision, version])).toEqual([
      [1, 2],
      [2, 3],
      [3, 5],
    ]);
    await stage.reopen();
  });

  it('gives an epoch of its own to each restore of one backup', async () => {
    await stage.store.close();
    const epochs = new Set<string>();
    for (let n = 0; n < 3; n++) {
      await restore();
      epochs.add((await (await stage.reopen()).load()).epoch);
      await stage.store.close();
    }
    expect(epochs.size).toBe(3);
  });

  it('refuses while a control plane runs, and changes nothing', async () => {
    const before = readdirSync(stage.dataDir).sort();
    const outcome = await restore();
    expect(outcome).toMatchObject({ exitCode: 3 });
    expect(outcome.text).toContain('Another process uses the store');
    expect(readdirSync(stage.dataDir).sort()).toEqual(before);
    expect((await stage.store.load()).revision).toBe(3);
  });

  it.each<[string, (bytes: Buffer) => Buffer, number]>([
    ['a flipped bit', (bytes) => flipped(bytes, bytes.indexOf('"text"')), 4],
    ['half of it missing', (bytes) => bytes.subarray(0, bytes.length / 2), 4],
    ['nothing in it', () => Buffer.alloc(0), 4],
    ['noise in it', (bytes) => Buffer.alloc(bytes.length, 'noise'), 4],
  ])('refuses a backup with %s, and changes nothing', async (_, change, exitCode) => {
    await stage.store.close();
    writeFileSync(backup, change(readFileSync(backup)));
    const before = readFileSync(databasePath(stage.dataDir));
    expect(await restore()).toMatchObject({ exitCode });
    expect(readFileSync(databasePath(stage.dataDir)).equals(before)).toBe(true);
    expect(readdirSync(stage.dataDir).sort()).toEqual(['backups', 'headgate.db', 'headgate.db.lock']);
    expect((await (await stage.reopen()).load()).revision).toBe(3);
  });

  it('refuses a database of another program', async () => {
    await stage.store.close();
    const foreign = join(stage.dataDir, 'foreign.db');
    const database = new Database(foreign);
    database.exec('CREATE TABLE theirs (x)');
    database.close();
    expect(await restore(foreign)).toMatchObject({ exitCode: 4 });
  });

  it('takes a database that was left with a log', async () => {
    await stage.store.close();
    writeFileSync(`${databasePath(stage.dataDir)}-wal`, 'what a killed process has left');
    expect(await restore()).toMatchObject({ exitCode: 0 });
    expect((await (await stage.reopen()).load()).revision).toBe(2);
    const names = readdirSync(stage.dataDir).filter((name) => name.endsWith('Z-wal'));
    expect(names.map((name) => readFileSync(join(stage.dataDir, name), 'utf8'))).toEqual([
      'what a killed process has left',
    ]);
  });

  it('makes a store where none was', async () => {
    const dataDir = join(mkdtempSync(join(tmpdir(), 'headgate-backup-')), 'new');
    expect(await restore(backup, dataDir)).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('there was no database before') as string,
    });
    expect(statSync(databasePath(dataDir)).mode & 0o777).toBe(0o600);
    const store = await SqliteStore.open({ dataDir, clock: stage.clock });
    expect((await store.load()).revision).toBe(2);
    await store.close();
    rmSync(join(dataDir, '..'), { recursive: true });
  });

  it('brings a backup of an earlier release to the newest schema', async () => {
    await stage.store.close();
    const older = join(stage.dataDir, 'older.db');
    const database = new Database(older);
    database.exec(objectsAndHistory.sql);
    database.exec(`ATTACH '${backup}' AS newer; INSERT INTO meta SELECT * FROM newer.meta;
      INSERT INTO object SELECT * FROM newer.object; INSERT INTO revision SELECT * FROM newer.revision;
      INSERT INTO change SELECT * FROM newer.change; PRAGMA user_version = 1; PRAGMA application_id = ${0x48477465}`);
    database.close();
    expect(await restore(older)).toMatchObject({ exitCode: 0 });
    expect((await (await stage.reopen()).load()).objects.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('is finished by the next start when it was killed in the middle', async () => {
    await stage.store.close();
    const path = databasePath(stage.dataDir);
    writeFileSync(`${path}.next`, readFileSync(backup), { mode: 0o600 });
    writeFileSync(`${path}-wal`, 'of the old one');
    expect((await (await stage.reopen()).load()).revision).toBe(2);
    expect(existsSync(`${path}.next`)).toBe(false);
  });

  it('names the secrets that must be set again', async () => {
    await stage.putSecret('clear', 'value');
    const made = await (await stage.begin()).make();
    await stage.store.close();
    const outcome = await restore(join(stage.directory, made.name));
    expect(outcome.text).toContain('set these secrets again, which were not encrypted: clear');
    const { secrets } = await stage.reopen();
    expect(await secrets.load()).toEqual([]);
    expect(await secrets.leftOut()).toEqual(['clear']);
    await stage.putSecret('clear', 'value');
    expect(await secrets.leftOut()).toEqual([]);
  });

  it.each([
    [[], 'which backup?'],
    [['--from'], 'are not valid'],
    [['--form', 'x'], 'are not valid'],
  ])('refuses the arguments %j', async (argv, text) => {
    const outcome = await restoreCommand({ argv, env: {}, readFile: () => '' });
    expect(outcome).toMatchObject({ exitCode: 2, text: expect.stringContaining(text) as string });
  });

  it('says what it could not read', async () => {
    await stage.store.close();
    const outcome = await restore(join(stage.dataDir, 'no-such-backup'));
    expect(outcome).toMatchObject({ exitCode: 1, text: expect.stringContaining('ENOENT') as string });
  });

  it('is named by a damaged store, with the newest backup that is whole', async () => {
    const later = await (await stage.begin()).make();
    const spoilt = join(stage.directory, later.name);
    writeFileSync(spoilt, flipped(readFileSync(spoilt), readFileSync(spoilt).indexOf('"text"')));
    stage.damage('text');
    await stage.store.close();
    const where = { directory: stage.directory, dataDir: stage.dataDir };
    const refusal = await stage.reopen().catch((error: unknown) => adviseRestore(error, where));
    expect(refusal).toMatchObject({ name: 'StoreRefusedError', reason: 'damaged' });
    const command = `headgate-control-plane restore --from ${backup} --data-dir ${stage.dataDir}`;
    expect((refusal as Error).message).toContain(
      `of revision 2, made 2023-11-14T22:13:20.000Z. It is restored by: ${command}`,
    );
    const nowhere = await adviseRestore(refusal, { ...where, directory: join(stage.dataDir, 'none') });
    expect((nowhere as Error).message).toContain('There is no usable backup in');
    const other = new Error('other');
    expect(await adviseRestore(other, where)).toBe(other);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at + 2]! ^= 1;
  return copy;
}
