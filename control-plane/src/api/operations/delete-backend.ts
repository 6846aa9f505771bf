import { z } from 'zod';
import { planDeleteBackend } from '../../intent/plan-delete-backend.ts';
import { authorOf, changeReply, changeSchema } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { backendParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

export function deleteBackend({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'deleteBackend',
    method: 'delete',
    path: '/api/v1/backends/{name}',
    tag: 'backends',
    summary: 'Removes a backend that no host names, with its servers',
    scope: 'write',
    params: backendParams,
    query: changeQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    answers: { 200: { description: 'Removed.', schema: changeSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_IN_USE', 'HEADGATE_STALE'],
    async handle(request) {
      const { name } = request.params;
      const precondition = preconditionOf(request.headers);
      return changeReply(
        await intent.write((state) => planDeleteBackend(state, name, precondition), authorOf(request)),
      );
    },
  });
}
