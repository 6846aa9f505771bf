import { z } from 'zod';
import type { Backup } from '../backup/list-backups.ts';

const timeSchema = z.iso.datetime();

export const backupShape = {
  name: z.string().meta({ description: 'Of the file in the directory of backups.' }),
  size: z.int().meta({ description: 'In bytes.' }),
  revision: z.int().meta({ description: 'The revision of the configuration that it holds.' }),
  created: timeSchema,
  verified: z.literal(true).meta({ description: 'It was read back whole before it got its name.' }),
};

export const backupSchema = z.object(backupShape).meta({ id: 'Backup', description: 'A backup of the whole store.' });

/** A backup as callers see it. */
export function backupItem({ name, size, revision, createdAt }: Backup): z.input<typeof backupSchema> {
  return { name, size, revision, created: new Date(createdAt).toISOString(), verified: true };
}
