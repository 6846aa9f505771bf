import { hostSchema } from '@headgate/shared/model/host';
import { parseHost } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import { planPutHost } from '../../intent/plan-put-host.ts';
import { accept, authorOf } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { hostAnswers, hostReply } from '../replies/host-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function createHost({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'createHost',
    method: 'post',
    path: '/api/v1/hosts',
    tag: 'hosts',
    summary: 'Creates a host',
    scope: 'write',
    query: changeQuery,
    headers: z.object(messageHeader),
    body: jsonBody(hostSchema),
    answers: { 201: hostAnswers[201] },
    errors: ['HEADGATE_ALREADY_EXISTS'],
    async handle(request) {
      const document = accept(parseHost(request.body));
      const result = await intent.write(
        (state) => planPutHost(state, document, { mustBeNew: true }),
        authorOf(request),
      );
      return hostReply(result, document.host, true);
    },
  });
}
