import { z } from 'zod';
import { planDeleteHost } from '../../intent/plan-delete-host.ts';
import { changeReply, changeSchema } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { hostParams } from '../parameters.ts';

export function deleteHost(rooms: ChangeRooms): Operation {
  return defineChange(rooms, {
    operationId: 'deleteHost',
    method: 'delete',
    path: '/api/v1/hosts/{pattern}',
    tag: 'hosts',
    summary: 'Removes a host',
    scope: 'write',
    params: hostParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    answers: { 200: { description: 'Removed.', schema: changeSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { pattern } = request.params;
      const precondition = preconditionOf(request.headers);
      return {
        plan: (state) => {
          assertOwn({ kind: 'host', name: pattern }, { intent: state, membership: rooms.membership.state.value });
          return planDeleteHost(state, pattern, precondition);
        },
        reply: (result) => changeReply(result),
      };
    },
  });
}
