import { z } from 'zod';
import type { Plan } from '../../intent/intent.ts';
import { planDeleteServer } from '../../intent/plan-delete-server.ts';
import { checkDelete } from '../../intent/precondition.ts';
import { changeReply, changeSchema } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import { assertOwn, serverOwnedElsewhere } from '../owned-elsewhere.ts';
import { serverParams } from '../parameters.ts';
import { seekServer } from '../sought-server.ts';

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
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { name: backend, endpoint } = request.params;
      const plan: Plan = (state) => {
        const wishes = { intent: state, membership: rooms.membership.state.value };
        assertOwn({ kind: 'backend', name: backend }, wishes);
        const { entry, subject } = seekServer({ backend, endpoint }, wishes);
        checkDelete(subject, preconditionOf(request.headers));
        const own = state.backends.get(backend)?.servers.has(endpoint) === true;
        if (!own) throw serverOwnedElsewhere(entry, { backend, endpoint });
        return planDeleteServer(state, { backend, endpoint });
      };
      return { plan, reply: (result) => changeReply(result) };
    },
  });
}
