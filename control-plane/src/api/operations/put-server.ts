import { serverEndpoint } from '@headgate/shared/model/server';
import { parseServerEndpoint } from '@headgate/shared/model/server-address';
import { serverResourceSchema } from '@headgate/shared/model/server-resource';
import { z } from 'zod';
import type { Plan } from '../../intent/intent.ts';
import { planPutServer } from '../../intent/plan-put-server.ts';
import { checkPut } from '../../intent/precondition.ts';
import { accept } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { jsonBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import { assertSameName, nameContent } from '../name-content.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { serverParams } from '../parameters.ts';
import { serverAnswers, serverReply } from '../replies/server-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { seekServer, type SoughtServer } from '../sought-server.ts';

export function putServer({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'putServer',
    method: 'put',
    path: '/api/v1/backends/{name}/servers/{endpoint}',
    tag: 'servers',
    summary: 'Replaces a server of a backend, or adds it, also one that others bring',
    scope: 'write',
    ofBackend: true,
    params: serverParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: jsonBody(serverResourceSchema.partial({ address: true, port: true }).meta({ id: 'NamedServer' })),
    answers: serverAnswers,
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { name: backend, endpoint } = request.params;
      const written = accept(documents.server(nameContent(request.body, { ...parseServerEndpoint(endpoint) })));
      assertSameName({ pointer: '', found: serverEndpoint(written.document), wanted: endpoint });
      let sought!: SoughtServer;
      const plan: Plan = (state) => {
        const wishes = { intent: state, membership: rooms.membership.state.value };
        assertOwn({ kind: 'backend', name: backend }, wishes);
        sought = seekServer({ backend, endpoint }, wishes);
        checkPut(sought.subject, preconditionOf(request.headers));
        return planPutServer(state, { backend, ...written });
      };
      return { plan, reply: (result) => serverReply(result, sought) };
    },
  });
}
