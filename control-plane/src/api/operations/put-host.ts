import { hostSchema } from '@headgate/shared/model/host';
import { parseHost } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import type { Plan } from '../../intent/intent.ts';
import { planPutHost } from '../../intent/plan-put-host.ts';
import { accept } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { jsonBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import { assertSameName, nameContent } from '../name-content.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { hostParams } from '../parameters.ts';
import { hostAnswers, hostReply } from '../replies/host-reply.ts';

export function putHost(rooms: ChangeRooms): Operation {
  return defineChange(rooms, {
    operationId: 'putHost',
    method: 'put',
    path: '/api/v1/hosts/{pattern}',
    tag: 'hosts',
    summary: 'Replaces a host, or creates it',
    scope: 'write',
    params: hostParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: jsonBody(hostSchema.partial({ host: true }).meta({ id: 'NamedHost' })),
    answers: hostAnswers,
    errors: ['HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { pattern } = request.params;
      // Before the content: what is shown of a layer's own cannot be sent back.
      assertOwn(
        { kind: 'host', name: pattern },
        { intent: rooms.intent.state.value, membership: rooms.membership.state.value },
      );
      const document = accept(parseHost(nameContent(request.body, { host: pattern })));
      assertSameName({ pointer: '/host', found: document.host, wanted: pattern });
      let created = false;
      const plan: Plan = (state) => {
        created = !state.hosts.has(pattern);
        return planPutHost(state, document, preconditionOf(request.headers));
      };
      return { plan, reply: (result) => hostReply(result, pattern, created) };
    },
  });
}
