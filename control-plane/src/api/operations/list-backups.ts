import { HeadgateError } from '@headgate/shared/error';
import { z } from 'zod';
import type { Backup } from '../../backup/list-backups.ts';
import { backupItem, backupSchema } from '../backup-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';

const schema = z
  .object({
    items: z.array(backupSchema),
    next: z.string().optional().meta({ description: 'What to send as after for the next page; absent on the last.' }),
    lastFailure: z
      .object({ at: z.iso.datetime(), reason: z.enum(['full', 'failed']) })
      .optional()
      .meta({ description: 'The newest try has failed; the log tells why.' }),
  })
  .meta({ id: 'BackupPage' });

export function listBackups({ backups }: Pick<ApiRooms, 'backups'>): Operation {
  return defineOperation({
    operationId: 'listBackups',
    method: 'get',
    path: '/api/v1/backups',
    tag: 'backups',
    summary: 'Lists the backups of the store, the oldest first',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema } },
    errors: ['HEADGATE_UNAVAILABLE'],
    async handle({ query }) {
      const found = new Map((await look(() => backups.list())).map((backup) => [backup.name, backup]));
      const page = pageOf([...found.keys()], query, (name) => backupItem(found.get(name)!));
      const failure = backups.lastFailure;
      const lastFailure =
        failure === undefined ? {} : { lastFailure: { ...failure, at: new Date(failure.at).toISOString() } };
      return { status: 200, body: { ...page, ...lastFailure } };
    },
  });
}

/** @throws HeadgateError HEADGATE_UNAVAILABLE */
async function look(list: () => Promise<readonly Backup[]>): Promise<readonly Backup[]> {
  try {
    return await list();
  } catch (error) {
    const detail = 'The directory of backups cannot be read — the log of the control plane tells more';
    throw new HeadgateError('HEADGATE_UNAVAILABLE', detail, { cause: error });
  }
}
