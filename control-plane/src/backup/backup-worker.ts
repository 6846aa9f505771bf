import { parentPort, workerData } from 'node:worker_threads';
import { translateSqliteError } from '../store/sqlite-error.ts';
import { writeBackup, type BackupOrder, type WrittenBackup } from './write-backup.ts';

/** What the thread answers: errors keep neither class nor code on the way. */
export type BackupAnswer =
  | { readonly ok: true; readonly written: WrittenBackup }
  | { readonly ok: false; readonly full: boolean; readonly reason: string };

/** A thread of its own that writes one backup and ends: copying and checking take seconds for a large store. */
function answer(order: BackupOrder): BackupAnswer {
  try {
    return { ok: true, written: writeBackup(order) };
  } catch (error) {
    const known = translateSqliteError(error);
    const full =
      known instanceof Error && (known.name === 'StoreFullError' || ('code' in known && known.code === 'ENOSPC'));
    return { ok: false, full, reason: known instanceof Error ? known.message : String(known) };
  }
}

parentPort?.postMessage(answer(workerData as BackupOrder));
