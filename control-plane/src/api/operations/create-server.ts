import { serverEndpoint } from '@headgate/shared/model/server';
import { serverResourceSchema } from '@headgate/shared/model/server-resource';
import { z } from 'zod';
import type { Plan } from '../../intent/intent.ts';
import { planPutServer } from '../../intent/plan-put-server.ts';
import { checkPut } from '../../intent/precondition.ts';
import { accept } from '../change.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { jsonBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { backendParams } from '../parameters.ts';
import { serverAnswers, serverReply } from '../replies/server-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { seekServer, type SoughtServer } from '../sought-server.ts';

export function createServer({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'createServer',
    method: 'post',
    path: '/api/v1/backends/{name}/servers',
    tag: 'servers',
    summary: 'Adds a server to a backend',
    scope: 'write',
    ofBackend: true,
    params: backendParams,
    headers: z.object(messageHeader),
    body: jsonBody(serverResourceSchema),
    answers: { 201: serverAnswers[201] },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_ALREADY_EXISTS', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const backend = request.params.name;
      const written = accept(documents.server(request.body));
      const endpoint = serverEndpoint(written.document);
      let sought!: SoughtServer;
      const plan: Plan = (state) => {
        const wishes = { intent: state, membership: rooms.membership.state.value };
        assertOwn({ kind: 'backend', name: backend }, wishes);
        sought = seekServer({ backend, endpoint }, wishes);
        checkPut(sought.subject, { mustBeNew: true });
        return planPutServer(state, { backend, ...written });
      };
      return { plan, reply: (result) => serverReply(result, sought) };
    },
  });
}
