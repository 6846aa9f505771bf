import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { StoreFailedError, StoreFullError } from '../store/store.ts';
import type { BackupAnswer } from './backup-worker.ts';
import type { BackupOrder, WrittenBackup } from './write-backup.ts';

/**
 * Writes a backup in a thread of its own, so that requests and streams go on meanwhile.
 *
 * @throws StoreFullError, StoreFailedError, also when it was aborted
 */
export function runBackup(order: BackupOrder, signal: AbortSignal): Promise<WrittenBackup> {
  // As source in development and tests, as JavaScript from the build.
  const program = join(import.meta.dirname, `backup-worker${extname(import.meta.filename)}`);
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(stopped());
    // The thread needs no setting of this process, and no key among them.
    const worker = new Worker(program, { workerData: order, env: {}, execArgv: [] });
    const abort = (): void => void worker.terminate();
    signal.addEventListener('abort', abort);
    worker.once('message', (answer: BackupAnswer) => settle(answer, resolve, reject));
    worker.once('error', (error) => reject(new StoreFailedError('the backup failed', { cause: error })));
    worker.once('exit', () => {
      signal.removeEventListener('abort', abort);
      reject(stopped());
    });
  });
}

function settle(answer: BackupAnswer, resolve: (written: WrittenBackup) => void, reject: (error: Error) => void): void {
  if (answer.ok) return resolve(answer.written);
  reject(answer.full ? new StoreFullError(answer.reason) : new StoreFailedError(answer.reason));
}

function stopped(): Error {
  return new StoreFailedError('the backup was stopped before it was complete');
}
