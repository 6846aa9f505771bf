import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../stream/eventually.cases.ts';
import { StoreFailedError } from '../store/store.ts';
import { backupStage, type BackupStage } from './backup-stage.cases.ts';
import { formatBackupName } from './backup-name.ts';
import { verifyBackup } from './verify-backup.ts';

const HOUR_MS = 3_600_000;

describe('backups', () => {
  let stage: BackupStage;
  beforeEach(async () => {
    stage = await backupStage();
  });
  afterEach(() => stage.destroy());

  it('hold the whole store, verified, readable by its owner alone', async () => {
    const backups = await stage.begin();
    await stage.commit('a');
    const made = await backups.make();
    expect(made).toMatchObject({ number: 1, revision: 1, leftOut: [] });
    const path = join(stage.directory, made.name);
    expect(verifyBackup(path)).toMatchObject({ revision: 1, epoch: (await stage.store.load()).epoch });
    expect(statSync(path)).toMatchObject({ size: made.size });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(stage.directory).mode & 0o777).toBe(0o700);
    expect(stage.files()).toEqual([made.name]);
    const { leftOut: _, ...listed } = made;
    expect(await backups.list()).toEqual([listed]);
  });

  it('are consistent while writes go on, and hold what was acknowledged before', async () => {
    const backups = await stage.begin();
    for (let n = 0; n < 200; n++) await stage.commit(`before-${n}`, 'x'.repeat(2_000));
    let done = false;
    const making = backups.make().finally(() => (done = true));
    let during = 0;
    while (!done) {
      await stage.commit(`during-${during++}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const made = await making;
    expect(during).toBeGreaterThan(1);
    expect(made.revision).toBeGreaterThanOrEqual(200);
    expect(verifyBackup(join(stage.directory, made.name)).revision).toBe(made.revision);
  });

  it('are made one at a time; who asks meanwhile gets the next, with what was written by then', async () => {
    const backups = await stage.begin();
    const first = backups.make();
    await stage.commit('a');
    const [second, third] = [backups.make(), backups.make()];
    expect(third).toBe(second);
    expect((await first).number).toBe(1);
    expect(await second).toMatchObject({ number: 2, revision: 1 });
  });

  it('are kept in a number, the newest of them, whatever the clock says', async () => {
    const backups = await stage.begin({ keep: 2 });
    for (let n = 0; n < 4; n++) {
      await stage.commit(`a${n}`);
      await backups.make();
      stage.clock.jump(-HOUR_MS);
    }
    expect((await backups.list()).map(({ number, revision }) => [number, revision])).toEqual([
      [3, 3],
      [4, 4],
    ]);
    writeFileSync(join(stage.directory, 'notes.txt'), 'not ours');
    await backups.make();
    expect(stage.files()).toContain('notes.txt');
  });

  it('leave nothing half and remove nothing when one fails, and say so', async () => {
    const backups = await stage.begin({ keep: 1 });
    const made = await backups.make();
    const broken = await stage.begin({ keep: 1, source: join(stage.dataDir, 'no-such.db') });
    await expect(broken.make()).rejects.toThrow(StoreFailedError);
    expect(stage.files()).toEqual([made.name]);
    expect(broken.lastFailure).toEqual({ at: stage.clock.now(), reason: 'failed' });
    const text = await stage.registry.metrics();
    expect(text).toContain('headgate_backups_total{result="ok"} 1');
    expect(text).toContain('headgate_backups_total{result="failed"} 1');
    expect(text).toContain(`headgate_backup_newest_bytes ${made.size}`);
  });

  it('are not made of a damaged store: the older ones stay', async () => {
    const backups = await stage.begin({ keep: 1 });
    await stage.commit('a', 'text that will be another');
    const made = await backups.make();
    await stage.commit('b');
    stage.damage('text that will be another');
    await expect(backups.make()).rejects.toThrow('not what was written');
    expect(stage.files()).toEqual([made.name]);
  });

  it('work again after a failure', async () => {
    writeFileSync(stage.directory, 'a file where the directory should be');
    const backups = await stage.begin();
    await expect(backups.make()).rejects.toThrow();
    rmSync(stage.directory);
    expect(await backups.make()).toMatchObject({ number: 1 });
    expect(backups.lastFailure).toBeUndefined();
  });

  it('clear away what a killed process has left half', async () => {
    mkdirSync(stage.directory);
    writeFileSync(join(stage.directory, 'headgate-backup.partial'), 'half');
    writeFileSync(join(stage.directory, 'headgate-backup.partial-journal'), 'half');
    await stage.begin();
    expect(stage.files()).toEqual([]);
  });

  it('end with the process, leaving nothing half', async () => {
    const backups = await stage.begin();
    const making = backups.make();
    const rejected = expect(making).rejects.toThrow('stopped');
    await backups.close();
    await rejected;
    expect(stage.files()).toEqual([]);
  });

  it('are made every interval, and sooner after a failure', async () => {
    const backups = await stage.begin({ intervalMs: HOUR_MS });
    const planned = () => eventually('the next backup is planned', () => stage.clock.pending === 1);
    for (const [delayMs, expected] of [
      [60_000, 1],
      [HOUR_MS, 2],
    ] as const) {
      stage.clock.advance(delayMs - 1);
      expect(stage.clock.pending).toBe(1);
      stage.clock.advance(1);
      expect(stage.clock.pending).toBe(0);
      await planned();
      expect(await backups.list()).toHaveLength(expected);
    }
    rmSync(stage.directory, { recursive: true });
    writeFileSync(stage.directory, 'in the way');
    stage.clock.advance(HOUR_MS);
    await planned();
    expect(backups.lastFailure).toMatchObject({ reason: 'failed' });
    rmSync(stage.directory);
    stage.clock.advance(10 * 60_000);
    await planned();
    expect(await backups.list()).toHaveLength(1);
  });

  it.each([
    ['young', -HOUR_MS / 2, HOUR_MS / 2],
    ['of the future', HOUR_MS, 60_000],
    ['old', -2 * HOUR_MS, 60_000],
  ])('are made by the age of the newest at a start: %s', async (_, age, delayMs) => {
    mkdirSync(stage.directory);
    const present = formatBackupName({ number: 7, createdAt: stage.clock.now() + age, revision: 0 });
    writeFileSync(join(stage.directory, present), '');
    const backups = await stage.begin({ intervalMs: HOUR_MS });
    stage.clock.advance(delayMs - 1);
    expect(stage.clock.pending).toBe(1);
    stage.clock.advance(1);
    await eventually('the next backup is planned', () => stage.clock.pending === 1);
    expect((await backups.list()).map(({ number }) => number)).toEqual([7, 8]);
  });

  it('hold no secret that is not encrypted, and tell which they lack', async () => {
    const canary = 'canary-77aa0b-value';
    const backups = await stage.begin();
    await stage.putSecret('clear', canary);
    await stage.putSecret('sealed', 'ciphertext', 'k1');
    const made = await backups.make();
    expect(made.leftOut).toEqual(['clear']);
    const content = readFileSync(join(stage.directory, made.name));
    const spelled = Buffer.from(canary).toString('base64').slice(0, 20);
    expect(readFileSync(`${stage.store.path}-wal`).includes(spelled)).toBe(true);
    for (const text of [canary, spelled]) expect(content.includes(text)).toBe(false);
    expect(content.includes(Buffer.from('ciphertext').toString('base64'))).toBe(true);
    expect(stage.files()).toEqual([made.name]);
  });
});

describe('verifyBackup', () => {
  let stage: BackupStage;
  let path: string;
  let intact: Buffer;
  beforeAll(async () => {
    stage = await backupStage();
    for (let n = 0; n < 40; n++) await stage.commit(`host-${n}`, `text-${n}`.repeat(20));
    await stage.putSecret('sealed', 'ciphertext'.repeat(40), 'k1');
    const made = await (await stage.begin()).make();
    path = join(stage.directory, made.name);
    intact = readFileSync(path);
  });
  afterEach(() => writeFileSync(path, intact));
  afterAll(() => stage.destroy());

  // Pages may hold more copies of a text, of rows that were moved on: those are part of nothing.
  it.each([
    ['an object and its history', 'text-33', 2],
    ['a secret', Buffer.from('ciphertext'.repeat(4)).toString('base64').slice(0, 40), 1],
    ["a secret's name", 'sealed', 1],
    ['an author', 'ada', 1],
  ])('finds a flipped bit in %s', (_, text, copies) => {
    const found = placesOf(text).filter((place) => {
      const copy = Buffer.from(intact);
      copy[place]! ^= 1;
      writeFileSync(path, copy);
      return refusalOf(path) === 'damaged';
    });
    expect(found.length).toBeGreaterThanOrEqual(copies);
  });

  it.each([
    ['half of it', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['nothing of it', () => Buffer.alloc(0)],
    ['noise', (bytes: Buffer) => Buffer.alloc(bytes.length, 'noise')],
  ])('refuses %s', (_, part) => {
    writeFileSync(path, part(intact));
    expect(() => verifyBackup(path)).toThrow();
  });

  it('leaves the backup as it is', () => {
    expect(verifyBackup(path)).toMatchObject({ revision: 40 });
    expect(readFileSync(path).equals(intact)).toBe(true);
    expect(stage.files()).toHaveLength(1);
  });

  function placesOf(text: string): readonly number[] {
    const places: number[] = [];
    for (let at = intact.indexOf(text); at !== -1; at = intact.indexOf(text, at + 300)) places.push(at);
    return places;
  }

  function refusalOf(file: string): unknown {
    try {
      verifyBackup(file);
      return undefined;
    } catch (error) {
      return (error as { readonly reason?: unknown }).reason;
    }
  }
});
