import { parseEndpoint } from '@headgate/shared/model/address';
import { parseServer } from '@headgate/shared/model/parse-configuration';
import { serverEndpoint, serverSchema } from '@headgate/shared/model/server';
import { z } from 'zod';
import { planPutServer } from '../../intent/plan-put-server.ts';
import { accept, authorOf } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { assertSameName, nameContent } from '../name-content.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';
import { serverAnswers, serverReply } from '../replies/server-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function putServer({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'putServer',
    method: 'put',
    path: '/api/v1/backends/{name}/servers/{endpoint}',
    tag: 'servers',
    summary: 'Replaces a server of a backend, or adds it',
    scope: 'write',
    params: serverParams,
    query: changeQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: jsonBody(serverSchema.partial({ address: true, port: true }).meta({ id: 'NamedServer' })),
    answers: serverAnswers,
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE'],
    async handle(request) {
      const { name: backend, endpoint } = request.params;
      const document = accept(parseServer(nameContent(request.body, { ...parseEndpoint(endpoint) })));
      assertSameName({ pointer: '', found: serverEndpoint(document), wanted: endpoint });
      let created = false;
      const result = await intent.write((state) => {
        created = state.backends.get(backend)?.servers.has(endpoint) === false;
        return planPutServer(state, { backend, document }, preconditionOf(request.headers));
      }, authorOf(request));
      return serverReply(result, { backend, endpoint }, created);
    },
  });
}
