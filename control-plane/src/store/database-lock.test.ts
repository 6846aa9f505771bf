import { ManualClock } from '@headgate/shared/manual-clock';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from './sqlite-store.ts';
import { killStoreProcesses, StoreProcess } from './store-process.cases.ts';

describe('the lock of a store', () => {
  const clock = new ManualClock();
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'headgate-lock-'))));
  afterEach(killStoreProcesses);
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('keeps other processes off, with a word on what to do', async () => {
    const holder = await StoreProcess.start(dataDir);
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({
      name: 'StoreRefusedError',
      reason: 'locked',
      message: expect.stringContaining('Another process uses the store') as string,
    });
    expect(await holder.ask('commit 10')).toBe('ok 1');
    await holder.kill();
  });

  it('goes with its process, even by kill -9', async () => {
    const holder = await StoreProcess.start(dataDir);
    await holder.ask('commit 10');
    await holder.kill();
    const store = await SqliteStore.open({ dataDir, clock });
    expect((await store.load()).revision).toBe(1);
    await store.close();
  });

  it('keeps the same process off too, and survives its attempts', async () => {
    const store = await SqliteStore.open({ dataDir, clock });
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({ reason: 'locked' });
    // Had the attempt dropped the lock, another process could take it now.
    await expect(StoreProcess.start(dataDir)).rejects.toThrow('StoreRefusedError');
    await store.close();
  });

  it('knows the database under another name', async () => {
    const store = await SqliteStore.open({ dataDir, clock });
    const alias = join(dataDir, 'alias.db');
    symlinkSync(join(dataDir, 'headgate.db'), alias);
    await expect(SqliteStore.open({ path: alias, clock })).rejects.toMatchObject({ reason: 'locked' });
    await store.close();
  });

  it('is free after closing, and after an opening that failed', async () => {
    await (await SqliteStore.open({ dataDir, clock })).close();
    const intact = readFileSync(join(dataDir, 'headgate.db'));
    writeFileSync(join(dataDir, 'headgate.db'), Buffer.alloc(8_192, 1));
    await expect(SqliteStore.open({ dataDir, clock })).rejects.toMatchObject({ reason: 'damaged' });
    writeFileSync(join(dataDir, 'headgate.db'), intact);
    const other = await StoreProcess.start(dataDir);
    expect(await other.ask('commit 10')).toBe('ok 1');
  });
});
