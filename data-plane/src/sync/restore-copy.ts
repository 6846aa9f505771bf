import type { Logger } from '@headgate/shared/logger';
import type { DiskCopy } from './disk-copy.ts';
import type { LoadedCopy } from './load-copy.ts';
import type { SnapshotKeeper } from './snapshot-keeper.ts';
import type { StatusBoard } from './status-board.ts';

export interface RestoreOptions {
  readonly copy: DiskCopy;
  readonly keeper: SnapshotKeeper;
  readonly board: StatusBoard;
  readonly logger: Logger;
}

/**
 * Serves the newest copy on disk that can be served. Resolves with it, or with undefined when there is none: then
 * nothing is served before a control plane is reached. Call it before the first connection, which then waits for
 * `keeper.idle`: what is held is put together while requests are served.
 */
export async function restoreCopy(options: RestoreOptions): Promise<LoadedCopy | undefined> {
  const { copy, keeper, board, logger } = options;
  for await (const candidate of copy.load()) {
    const { id } = candidate.snapshot;
    const applied = await keeper.restore(candidate.snapshot, candidate.kept);
    if (applied.ok) {
      copy.serves(candidate);
      board.restored(id, candidate.savedAt);
      const savedAt = new Date(candidate.savedAt).toISOString();
      logger.info({ id, copy: candidate.number, steps: candidate.steps, savedAt }, 'serving the copy on disk');
      return candidate;
    }
    logger.error({ id, copy: candidate.number, faults: applied.faults }, 'a disk copy cannot be served');
  }
  logger.info({}, 'there is no copy on disk to serve');
  return undefined;
}
