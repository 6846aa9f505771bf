import { serverEndpoint } from '@headgate/shared/model/server';
import { z } from 'zod';
import { mergePatch } from '../../intent/merge-patch.ts';
import type { Plan } from '../../intent/intent.ts';
import { planPutServer } from '../../intent/plan-put-server.ts';
import { notFound } from '../../intent/precondition.ts';
import { accept } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { mergePatchBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import { assertSameName } from '../name-content.ts';
import type { Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';
import { serverAnswers, serverReply } from '../replies/server-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { serverItem } from '../server-item.ts';

export function patchServer({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'patchServer',
    method: 'patch',
    path: '/api/v1/backends/{name}/servers/{endpoint}',
    tag: 'servers',
    summary: 'Changes parts of a server, such as its state',
    scope: 'write',
    ofBackend: true,
    params: serverParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: mergePatchBody('server'),
    answers: { 200: serverAnswers[200] },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE'],
    prepare(request) {
      const { name: backend, endpoint } = request.params;
      const plan: Plan = (state) => {
        const entry = state.backends.get(backend);
        if (entry?.servers.has(endpoint) !== true) throw notFound(`server ${endpoint} in backend ${backend}`);
        const { document, state: wanted = 'active' } = accept(
          documents.server(mergePatch(serverItem(entry, endpoint), request.body)),
        );
        assertSameName({ pointer: '', found: serverEndpoint(document), wanted: endpoint });
        return planPutServer(state, { backend, document, state: wanted }, preconditionOf(request.headers));
      };
      return { plan, reply: (result) => serverReply(result, { backend, endpoint }, false) };
    },
  });
}
