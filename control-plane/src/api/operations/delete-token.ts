import { z } from 'zod';
import { authorOf } from '../change.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { tokenParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

const revokedSchema = z
  .object({ revoked: z.string().meta({ description: 'The name of the token.' }) })
  .meta({ id: 'RevokedToken' });

export function deleteToken({ tokens }: Pick<ApiRooms, 'tokens'>): Operation {
  return defineOperation({
    operationId: 'deleteToken',
    method: 'delete',
    path: '/api/v1/tokens/{name}',
    tag: 'tokens',
    summary: 'Revokes a token, at once and for what is under way too',
    scope: 'admin',
    params: tokenParams,
    query: changeQuery.pick({ message: true }),
    headers: z.object(messageHeader),
    answers: { 200: { description: 'Revoked.', schema: revokedSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_UNAVAILABLE', 'HEADGATE_STORE_FULL'],
    async handle(request) {
      const { name } = request.params;
      await tokens.revoke(name, authorOf(request));
      return { status: 200, body: { revoked: name } };
    },
  });
}
