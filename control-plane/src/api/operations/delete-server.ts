import { z } from 'zod';
import { planDeleteServer } from '../../intent/plan-delete-server.ts';
import { authorOf, changeReply, changeSchema } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

export function deleteServer({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'deleteServer',
    method: 'delete',
    path: '/api/v1/backends/{name}/servers/{endpoint}',
    tag: 'servers',
    summary: 'Removes a server from a backend',
    scope: 'write',
    params: serverParams,
    query: changeQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    answers: { 200: { description: 'Removed.', schema: changeSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE'],
    async handle(request) {
      const { name: backend, endpoint } = request.params;
      const precondition = preconditionOf(request.headers);
      return changeReply(
        await intent.write((state) => planDeleteServer(state, { backend, endpoint }, precondition), authorOf(request)),
      );
    },
  });
}
