import { z } from 'zod';
import type { JoinTokenStatus } from '../../access/join-tokens.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

const timeSchema = z.iso.datetime();

export const joinTokenShape = {
  source: z.enum(['file', 'setting']).meta({ description: 'Where it comes from. One of a setting cannot be rotated.' }),
  createdAt: timeSchema.optional().meta({ description: 'Absent when the token was given.' }),
  former: z
    .array(z.object({ expiresAt: timeSchema }))
    .meta({ description: 'Replaced tokens that are still accepted, and until when.' }),
};

export function getJoinToken({ joinTokens }: Pick<ApiRooms, 'joinTokens'>): Operation {
  return defineOperation({
    operationId: 'getJoinToken',
    method: 'get',
    path: '/api/v1/join-token',
    tag: 'join-token',
    summary: 'Shows of when the join token of data planes is, never its text',
    scope: 'admin',
    answers: { 200: { description: 'As it is.', schema: z.object(joinTokenShape).meta({ id: 'JoinToken' }) } },
    handle: () => ({ status: 200, body: joinTokenItem(joinTokens.status) }),
  });
}

/** How the API shows the state of the join token. */
export function joinTokenItem({ source, createdAt, former }: JoinTokenStatus): unknown {
  return {
    source,
    ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt).toISOString() }),
    former: former.map(({ expiresAt }) => ({ expiresAt: new Date(expiresAt).toISOString() })),
  };
}
