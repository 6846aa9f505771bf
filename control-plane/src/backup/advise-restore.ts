import { StoreRefusedError } from '../store/store-refused-error.ts';
import { newestVerifiedBackup } from './newest-verified-backup.ts';

export interface AdviceOptions {
  /** Where the backups are. */
  readonly directory: string;
  readonly dataDir: string;
}

/**
 * What a store that was refused as damaged is to be refused with: the same, and the newest backup that is whole with the
 * command that restores it. Any other error stays as it is.
 */
export async function adviseRestore(error: unknown, { directory, dataDir }: AdviceOptions): Promise<unknown> {
  if (!(error instanceof StoreRefusedError) || error.reason !== 'damaged') return error;
  const backup = await newestVerifiedBackup(directory);
  if (backup === undefined) return withAdvice(error, `There is no usable backup in ${directory}`);
  const { path, revision, createdAt } = backup;
  const command = `headgate-control-plane restore --from ${quoted(path)} --data-dir ${quoted(dataDir)}`;
  const when = new Date(createdAt).toISOString();
  return withAdvice(
    error,
    `The newest verified backup is of revision ${revision}, made ${when}. It is restored by: ${command}`,
  );
}

function withAdvice(error: StoreRefusedError, advice: string): StoreRefusedError {
  return new StoreRefusedError(error.reason, `${error.message}. ${advice}`, { cause: error });
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
