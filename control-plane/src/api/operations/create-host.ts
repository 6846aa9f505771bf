import { hostSchema } from '@headgate/shared/model/host';
import { parseHost } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import { planPutHost } from '../../intent/plan-put-host.ts';
import { accept } from '../change.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { jsonBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { hostAnswers, hostReply } from '../replies/host-reply.ts';

export function createHost(rooms: ChangeRooms): Operation {
  return defineChange(rooms, {
    operationId: 'createHost',
    method: 'post',
    path: '/api/v1/hosts',
    tag: 'hosts',
    summary: 'Creates a host',
    scope: 'write',
    headers: z.object(messageHeader),
    body: jsonBody(hostSchema),
    answers: { 201: hostAnswers[201] },
    errors: ['HEADGATE_ALREADY_EXISTS', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const document = accept(parseHost(request.body));
      return {
        plan: (state) => {
          assertOwn({ kind: 'host', name: document.host }, { intent: state, membership: rooms.membership.state.value });
          return planPutHost(state, document, { mustBeNew: true });
        },
        reply: (result) => hostReply(result, document.host, true),
      };
    },
  });
}
