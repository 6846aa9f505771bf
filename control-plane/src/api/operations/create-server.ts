import { parseServer } from '@headgate/shared/model/parse-configuration';
import { serverEndpoint, serverSchema } from '@headgate/shared/model/server';
import { z } from 'zod';
import { planPutServer } from '../../intent/plan-put-server.ts';
import { accept, authorOf } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { backendParams } from '../parameters.ts';
import { serverAnswers, serverReply } from '../replies/server-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function createServer({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'createServer',
    method: 'post',
    path: '/api/v1/backends/{name}/servers',
    tag: 'servers',
    summary: 'Adds a server to a backend',
    scope: 'write',
    params: backendParams,
    query: changeQuery,
    headers: z.object(messageHeader),
    body: jsonBody(serverSchema),
    answers: { 201: serverAnswers[201] },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_ALREADY_EXISTS'],
    async handle(request) {
      const backend = request.params.name;
      const document = accept(parseServer(request.body));
      const result = await intent.write(
        (state) => planPutServer(state, { backend, document }, { mustBeNew: true }),
        authorOf(request),
      );
      return serverReply(result, { backend, endpoint: serverEndpoint(document) }, true);
    },
  });
}
