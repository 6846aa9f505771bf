import { hostSchema } from '@headgate/shared/model/host';
import { parseHost } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import { planPutHost } from '../../intent/plan-put-host.ts';
import { accept, authorOf } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { assertSameName, nameContent } from '../name-content.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { hostParams } from '../parameters.ts';
import { hostAnswers, hostReply } from '../replies/host-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function putHost({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'putHost',
    method: 'put',
    path: '/api/v1/hosts/{pattern}',
    tag: 'hosts',
    summary: 'Replaces a host, or creates it',
    scope: 'write',
    params: hostParams,
    query: changeQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: jsonBody(hostSchema.partial({ host: true }).meta({ id: 'NamedHost' })),
    answers: hostAnswers,
    errors: ['HEADGATE_STALE'],
    async handle(request) {
      const { pattern } = request.params;
      const document = accept(parseHost(nameContent(request.body, { host: pattern })));
      assertSameName({ pointer: '/host', found: document.host, wanted: pattern });
      let created = false;
      const result = await intent.write((state) => {
        created = !state.hosts.has(pattern);
        return planPutHost(state, document, preconditionOf(request.headers));
      }, authorOf(request));
      return hostReply(result, pattern, created);
    },
  });
}
