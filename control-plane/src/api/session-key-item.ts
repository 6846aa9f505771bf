import { z } from 'zod';
import type { SessionKeyStatus } from '../session-keys/session-keys.ts';

const timeSchema = z.iso.datetime();

const sessionKeySchema = z
  .object({
    id: z.string().meta({ description: 'Stands in every cookie that is made with it.' }),
    createdAt: timeSchema,
    state: z.enum(['accepted', 'issuing', 'retiring']).meta({
      description:
        'accepted: new, cookies are only read with it until every data plane has it. issuing: cookies are made and ' +
        'read with it. retiring: former, cookies are only read with it.',
    }),
    issuesAt: timeSchema.optional().meta({ description: 'Of an accepted key: when cookies are made with it.' }),
    expiresAt: timeSchema.optional().meta({ description: 'Of a retiring key: when it goes.' }),
  })
  .meta({ id: 'SessionKey', description: 'A key of session cookies, without its secret.' });

export const sessionKeysSchema = z
  .object({ items: z.array(sessionKeySchema).meta({ description: 'The newest first.' }) })
  .meta({ id: 'SessionKeys' });

/** How the API shows the keys of session cookies. */
export function sessionKeysItem(keys: readonly SessionKeyStatus[]): unknown {
  return {
    items: keys.map(({ id, createdAt, state, issuesAt, expiresAt }) => ({
      id,
      createdAt: new Date(createdAt).toISOString(),
      state,
      ...(issuesAt !== undefined && { issuesAt: new Date(issuesAt).toISOString() }),
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    })),
  };
}
