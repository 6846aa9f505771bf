import { z } from 'zod';
import { planDeleteHost } from '../../intent/plan-delete-host.ts';
import { authorOf, changeReply, changeSchema } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { hostParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

export function deleteHost({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'deleteHost',
    method: 'delete',
    path: '/api/v1/hosts/{pattern}',
    tag: 'hosts',
    summary: 'Removes a host',
    scope: 'write',
    params: hostParams,
    query: changeQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    answers: { 200: { description: 'Removed.', schema: changeSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE'],
    async handle(request) {
      const { pattern } = request.params;
      const precondition = preconditionOf(request.headers);
      return changeReply(
        await intent.write((state) => planDeleteHost(state, pattern, precondition), authorOf(request)),
      );
    },
  });
}
