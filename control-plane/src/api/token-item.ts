import { nameSchema } from '@headgate/shared/model/name';
import { z } from 'zod';
import type { TokenRecord } from '../access/token-register.ts';

const timeSchema = z.iso.datetime();

const tokenShape = {
  name: nameSchema,
  scopes: z.array(z.string()).meta({ description: 'See the documentation of scopes.' }),
  createdAt: timeSchema,
  createdBy: z.string().meta({ description: 'The token that made it.' }),
  expiresAt: timeSchema.optional().meta({ description: 'Absent when never.' }),
  expired: z.boolean(),
  lastUsedAt: timeSchema.optional().meta({ description: 'To the minute; absent when never.' }),
};

/** A token as it is shown: never its text. */
export const tokenSchema = z.object(tokenShape).meta({ id: 'Token' });

/** The one answer that has the text of a token. */
export const newTokenSchema = z
  .object({ ...tokenShape, token: z.string().meta({ description: 'Shown now and never again.' }) })
  .meta({ id: 'NewToken' });

/** How the API shows a token. */
export function tokenItem(record: TokenRecord, now: number): z.input<typeof tokenSchema> {
  const { name, scopes, createdAt, createdBy, expiresAt, lastUsedAt } = record;
  return {
    name,
    scopes: [...scopes],
    createdAt: timeOf(createdAt),
    createdBy,
    ...(expiresAt === undefined ? {} : { expiresAt: timeOf(expiresAt) }),
    expired: expiresAt !== undefined && expiresAt <= now,
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: timeOf(lastUsedAt) }),
  };
}

function timeOf(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
