import { join } from 'node:path';
import { listBackups, type Backup } from './list-backups.ts';
import { verifyBackup } from './verify-backup.ts';

export interface VerifiedBackup extends Backup {
  readonly path: string;
}

/** The newest backup that is still whole, read back now; undefined when there is none. Never rejects. */
export async function newestVerifiedBackup(directory: string): Promise<VerifiedBackup | undefined> {
  const backups = await listBackups(directory).catch(() => []);
  for (const backup of backups.toReversed()) {
    const path = join(directory, backup.name);
    if (isWhole(path)) return { ...backup, path };
  }
  return undefined;
}

function isWhole(path: string): boolean {
  try {
    verifyBackup(path);
    return true;
  } catch {
    return false;
  }
}
