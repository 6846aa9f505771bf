import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateDirLock, StateDirLockedError } from './state-dir-lock.ts';

describe('the lock of a state directory', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'headgate-lock-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('is had by one at a time', async () => {
    const lock = await StateDirLock.acquire(dir);
    await expect(StateDirLock.acquire(dir)).rejects.toThrow(StateDirLockedError);
    await expect(StateDirLock.acquire(dir)).rejects.toThrow(`process ${process.pid}`);
    await lock.release();
    const next = await StateDirLock.acquire(dir);
    await next.release();
    expect(await readdir(dir)).toEqual([]);
  });

  it('is had by one of many who claim it together', async () => {
    const claims = await Promise.allSettled(Array.from({ length: 20 }, () => StateDirLock.acquire(dir)));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(dir)).toEqual(['lock']);
  });

  it('is had by one of many who find a dead one', async () => {
    for (let round = 0; round < 10; round++) {
      await writeFile(join(dir, 'lock'), JSON.stringify({ pid: deadPid(), started: '', token: `${round}` }));
      const claims = await Promise.allSettled(Array.from({ length: 10 }, () => StateDirLock.acquire(dir)));
      expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await readdir(dir)).toEqual(['lock']);
    }
  });

  it('does not block when its process died while it replaced a dead one', async () => {
    const dead = JSON.stringify({ pid: deadPid(), started: '', token: 'first' });
    await writeFile(join(dir, 'lock'), dead);
    const right = `lock.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
    await writeFile(join(dir, right), JSON.stringify({ pid: deadPid(), started: '', token: 'second' }));
    await StateDirLock.acquire(dir);
    expect(await readdir(dir)).toEqual(['lock']);
  });

  it('does not block when its process is no more', async () => {
    await writeFile(join(dir, 'lock'), JSON.stringify({ pid: deadPid(), started: '', token: 'dead' }));
    await expect(StateDirLock.acquire(dir)).resolves.toBeDefined();
    expect(await readdir(dir)).toEqual(['lock']);
  });

  it('does not block when another process has its id by now, as in a container that was restarted', async () => {
    const dead = { pid: process.pid, started: 'another boot/1', token: 'dead' };
    await writeFile(join(dir, 'lock'), JSON.stringify(dead));
    await (process.platform === 'linux'
      ? expect(StateDirLock.acquire(dir)).resolves.toBeDefined()
      : expect(StateDirLock.acquire(dir)).rejects.toThrow(StateDirLockedError));
  });

  it.each(['', 'null', '{}', '[1', '{"pid":-1,"started":"","token":"x"}'])(
    'does not block when it was never written whole: %j',
    async (content) => {
      await writeFile(join(dir, 'lock'), content);
      await expect(StateDirLock.acquire(dir)).resolves.toBeDefined();
    },
  );

  it('is not given back by whoever has lost it', async () => {
    const lock = await StateDirLock.acquire(dir);
    const other = JSON.stringify({ pid: process.pid, started: '', token: 'other' });
    await writeFile(join(dir, 'lock'), other);
    await lock.release();
    expect(await readFile(join(dir, 'lock'), 'utf8')).toBe(other);
  });
});

/** The id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}
