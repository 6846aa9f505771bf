import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreFullError } from '../store/store.ts';
import { backupStage } from './backup-stage.cases.ts';

// A disk of its own needs root and the right to mount.
const onSmallDisk = canMount() ? it : it.skip;

describe('backups on a full disk', () => {
  onSmallDisk('leave nothing half, keep the older ones, and work when there is room', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'headgate-disk-'));
    mount(disk, '300k');
    const stage = await backupStage();
    try {
      const backups = await stage.begin({ directory: disk, keep: 1 });
      const made = await backups.make();
      await stage.commit('large', 'x'.repeat(400_000));
      await expect(backups.make()).rejects.toThrow(StoreFullError);
      expect(backups.lastFailure).toMatchObject({ reason: 'full' });
      expect(readdirSync(disk)).toEqual([made.name]);
      mount(disk, '8m', 'remount,');
      expect(await backups.make()).toMatchObject({ number: 2, revision: 1 });
      expect(backups.lastFailure).toBeUndefined();
    } finally {
      await stage.destroy();
      spawnSync('umount', ['-l', disk]);
      rmdirSync(disk);
    }
  });
});

function canMount(): boolean {
  const disk = mkdtempSync(join(tmpdir(), 'headgate-mount-'));
  const mounted = mount(disk, '64k') === 0;
  if (mounted) spawnSync('umount', [disk]);
  rmdirSync(disk);
  return mounted;
}

function mount(disk: string, size: string, flags = ''): number | null {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `${flags}size=${size}`, 'tmpfs', disk]).status;
}
