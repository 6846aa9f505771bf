import { HeadgateError } from '@headgate/shared/error';
import { z } from 'zod';
import type { Backups, MadeBackup } from '../../backup/backups.ts';
import { StoreFullError } from '../../store/store.ts';
import { backupItem, backupShape } from '../backup-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

const schema = z
  .object({
    ...backupShape,
    secretsLeftOut: z
      .array(z.string())
      .meta({ description: 'Secrets that it lacks: they are not encrypted, because HEADGATE_SECRETS_KEY is not set.' }),
  })
  .meta({ id: 'MadeBackup' });

export function createBackup({ backups, audit }: Pick<ApiRooms, 'backups' | 'audit'>): Operation {
  return defineOperation({
    operationId: 'createBackup',
    method: 'post',
    path: '/api/v1/backups',
    tag: 'backups',
    summary: 'Backs the store up, and answers when the backup is verified',
    scope: 'admin',
    answers: { 201: { description: 'Made and verified.', schema } },
    errors: ['HEADGATE_STORE_FULL', 'HEADGATE_UNAVAILABLE'],
    async handle({ actor, origin }) {
      await audit.wrote({ ...origin, actor: actor.name, objects: [], changes: 0, message: '' });
      const made = await make(backups);
      return { status: 201, body: { ...backupItem(made), secretsLeftOut: made.leftOut } };
    },
  });
}

/** @throws HeadgateError HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE */
async function make(backups: Backups): Promise<MadeBackup> {
  try {
    return await backups.make();
  } catch (error) {
    if (error instanceof StoreFullError) {
      const detail = 'There is no backup: the disk of the backups is full — make room, then try again';
      throw new HeadgateError('HEADGATE_STORE_FULL', detail, { cause: error });
    }
    const detail = 'There is no backup: it could not be made — the log of the control plane tells why';
    throw new HeadgateError('HEADGATE_UNAVAILABLE', detail, { cause: error });
  }
}
