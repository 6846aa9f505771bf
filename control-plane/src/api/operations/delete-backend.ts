import { z } from 'zod';
import { planDeleteBackend } from '../../intent/plan-delete-backend.ts';
import { changeReply, changeSchema } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { backendParams } from '../parameters.ts';

export function deleteBackend(rooms: ChangeRooms): Operation {
  return defineChange(rooms, {
    operationId: 'deleteBackend',
    method: 'delete',
    path: '/api/v1/backends/{name}',
    tag: 'backends',
    summary: 'Removes a backend that no host names, with its servers',
    scope: 'write',
    ofBackend: true,
    params: backendParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    answers: { 200: { description: 'Removed.', schema: changeSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_IN_USE', 'HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { name } = request.params;
      const precondition = preconditionOf(request.headers);
      return {
        plan: (state) => {
          assertOwn({ kind: 'backend', name }, { intent: state, membership: rooms.membership.state.value });
          return planDeleteBackend(state, name, precondition);
        },
        reply: (result) => changeReply(result),
      };
    },
  });
}
