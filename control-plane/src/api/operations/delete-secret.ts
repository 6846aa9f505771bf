import { z } from 'zod';
import { authorOf } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { messageHeader, messageQuery } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { secretParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

const schema = z.object({ changed: z.literal(true) }).meta({ id: 'SecretDeletion' });

export function deleteSecret({ secrets }: Pick<ApiRooms, 'secrets'>): Operation {
  return defineOperation({
    operationId: 'deleteSecret',
    method: 'delete',
    path: '/api/v1/secrets/{name}',
    tag: 'secrets',
    summary: 'Removes a secret that nothing names',
    scope: 'admin',
    params: secretParams,
    query: messageQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    answers: { 200: { description: 'Removed.', schema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_IN_USE', 'HEADGATE_STALE', 'HEADGATE_STORE_FULL', 'HEADGATE_UNAVAILABLE'],
    async handle(request) {
      const { name } = request.params;
      await secrets.remove({ name, who: authorOf(request), ...preconditionOf(request.headers) });
      return { status: 200, body: { changed: true } };
    },
  });
}
