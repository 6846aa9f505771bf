import type { Checked } from '@headgate/shared/model/fault';
import { resolveSettings, type SettingSources } from '@headgate/shared/config/resolve-settings';
import type { SettingsSpec } from '@headgate/shared/config/setting';
import { pathType } from '@headgate/shared/config/setting-types';
import { settingsSpec } from '../config/settings-spec.ts';
import { databasePath } from '../store/database-path.ts';
import { StoreRefusedError } from '../store/store-refused-error.ts';
import { restoreBackup, type Restored } from './restore-backup.ts';

/** 0: restored. 1: a failure of files or disk. 2: wrong arguments. 3: a control plane runs. 4: the backup is not usable. */
export type RestoreExitCode = 0 | 1 | 2 | 3 | 4;

export interface RestoreOutcome {
  readonly exitCode: RestoreExitCode;
  /** For standard output where the code is 0, else for standard error. */
  readonly text: string;
}

const spec = {
  ...settingsSpec,
  from: { name: 'HEADGATE_FROM', type: pathType, description: 'The backup that restore puts in place' },
} as const satisfies SettingsSpec;

/** `headgate-control-plane restore --from <backup> [--data-dir <directory>]`; the settings are those of the program. */
export async function restoreCommand(sources: SettingSources): Promise<RestoreOutcome> {
  const order = readOrder({ ...sources, program: 'headgate-control-plane restore' });
  if ('exitCode' in order) return order;
  try {
    return { exitCode: 0, text: told(order.from, await restoreBackup(order)) };
  } catch (error) {
    return { exitCode: exitCodeOf(error), text: `nothing was restored: ${messageOf(error)}\n` };
  }
}

function readOrder(sources: SettingSources): { readonly from: string; readonly path: string } | RestoreOutcome {
  const resolved = resolveSettings(spec, sources);
  if (!resolved.ok) return { exitCode: 2, text: faultLines(resolved) };
  if (resolved.value.kind === 'help') return { exitCode: 0, text: resolved.value.text };
  if (resolved.value.kind === 'version') return { exitCode: 2, text: 'restore takes no --version\n' };
  const { from, dataDir } = resolved.value.values;
  if (from === undefined) return { exitCode: 2, text: 'which backup? write --from <path of the backup>\n' };
  return { from, path: databasePath(dataDir) };
}

function faultLines(checked: Extract<Checked<unknown>, { readonly ok: false }>): string {
  return `${['the arguments are not valid', ...checked.faults.map(({ detail, fix }) => `  ${detail}: ${fix}`)].join('\n')}\n`;
}

function told(from: string, { backup, head, keptAside, leftOut }: Restored): string {
  const lines = [
    `restored ${from}: revision ${backup.revision} of epoch ${backup.epoch}, every row verified`,
    `the store is a new epoch, ${head.epoch}, at version ${head.version}: data planes follow it when the control plane starts`,
    keptAside === undefined ? 'there was no database before' : `the old database is kept as ${keptAside}`,
    'tokens are those of the backup: revoke again what was revoked since',
    ...(leftOut.length === 0 ? [] : [`set these secrets again, which were not encrypted: ${leftOut.join(', ')}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function exitCodeOf(error: unknown): RestoreExitCode {
  if (!(error instanceof StoreRefusedError)) return 1;
  if (error.reason === 'locked') return 3;
  return error.reason === 'failed' || error.reason === 'not_durable' ? 1 : 4;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
