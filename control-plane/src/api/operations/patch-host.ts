import { parseHost } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import { hostDocument } from '../../intent/documents.ts';
import { mergePatch } from '../../intent/merge-patch.ts';
import type { Plan } from '../../intent/intent.ts';
import { planPutHost } from '../../intent/plan-put-host.ts';
import { notFound } from '../../intent/precondition.ts';
import { accept } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { mergePatchBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import { assertSameName } from '../name-content.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { hostParams } from '../parameters.ts';
import { hostAnswers, hostReply } from '../replies/host-reply.ts';

export function patchHost(rooms: ChangeRooms): Operation {
  return defineChange(rooms, {
    operationId: 'patchHost',
    method: 'patch',
    path: '/api/v1/hosts/{pattern}',
    tag: 'hosts',
    summary: 'Changes parts of a host',
    scope: 'write',
    params: hostParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: mergePatchBody('host'),
    answers: { 200: hostAnswers[200] },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { pattern } = request.params;
      const plan: Plan = (state) => {
        assertOwn({ kind: 'host', name: pattern }, { intent: state, membership: rooms.membership.state.value });
        const entry = state.hosts.get(pattern);
        if (entry === undefined) throw notFound(`host ${pattern}`);
        const document = accept(parseHost(mergePatch(hostDocument(entry.document), request.body)));
        assertSameName({ pointer: '/host', found: document.host, wanted: pattern });
        return planPutHost(state, document, preconditionOf(request.headers));
      };
      return { plan, reply: (result) => hostReply(result, pattern, false) };
    },
  });
}
