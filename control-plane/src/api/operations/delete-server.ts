import { z } from 'zod';
import { planDeleteServer } from '../../intent/plan-delete-server.ts';
import { changeReply, changeSchema } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';

export function deleteServer(rooms: ChangeRooms): Operation {
  return defineChange(rooms, {
    operationId: 'deleteServer',
    method: 'delete',
    path: '/api/v1/backends/{name}/servers/{endpoint}',
    tag: 'servers',
    summary: 'Removes a server from a backend; its override stays',
    scope: 'write',
    ofBackend: true,
    params: serverParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    answers: { 200: { description: 'Removed.', schema: changeSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE'],
    prepare(request) {
      const { name: backend, endpoint } = request.params;
      const precondition = preconditionOf(request.headers);
      return {
        plan: (state) => planDeleteServer(state, { backend, endpoint }, precondition),
        reply: (result) => changeReply(result),
      };
    },
  });
}
