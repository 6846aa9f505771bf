import { z } from 'zod';
import { planDeleteOverride } from '../../intent/plan-delete-override.ts';
import { changeReply, changeSchema } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';

export function deleteOverride(rooms: ChangeRooms): Operation {
  return defineChange(rooms, {
    operationId: 'deleteOverride',
    method: 'delete',
    path: '/api/v1/overrides/{name}/{endpoint}',
    tag: 'overrides',
    summary: 'Makes a server active again, or lets it be when it comes',
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
        plan: (state) => planDeleteOverride(state, { backend, endpoint }, precondition),
        reply: (result) => changeReply(result),
      };
    },
  });
}
