import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBackupName, type BackupName } from './backup-name.ts';

export interface Backup extends BackupName {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * The backups of a directory, the oldest first; none where there is no directory. Only what was complete and verified
 * ever gets the name of a backup.
 */
export async function listBackups(directory: string): Promise<readonly Backup[]> {
  const names = await readdir(directory).catch(noneWhenAbsent);
  const found = await Promise.all(names.map((name) => backupOf(directory, name)));
  return found.flatMap((backup) => backup ?? []).sort((a, b) => a.number - b.number);
}

async function backupOf(directory: string, name: string): Promise<Backup | undefined> {
  const parsed = parseBackupName(name);
  if (parsed === undefined) return undefined;
  try {
    return { ...parsed, name, size: (await stat(join(directory, name))).size };
  } catch {
    // Removed since the directory was read.
    return undefined;
  }
}

function noneWhenAbsent(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw error;
}
