import { z } from 'zod';
import { backendDocument } from '../../intent/documents.ts';
import { mergePatch } from '../../intent/merge-patch.ts';
import type { Plan } from '../../intent/intent.ts';
import { planPutBackend } from '../../intent/plan-put-backend.ts';
import { notFound } from '../../intent/precondition.ts';
import { accept } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { mergePatchBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import { assertSameName } from '../name-content.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { backendParams } from '../parameters.ts';
import { backendAnswers, backendReply } from '../replies/backend-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { assertKeptSources } from '../security/kept-sources.ts';

export function patchBackend({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'patchBackend',
    method: 'patch',
    path: '/api/v1/backends/{name}',
    tag: 'backends',
    summary: 'Changes parts of a backend',
    scope: 'write',
    ofBackend: true,
    params: backendParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: mergePatchBody('backend'),
    answers: { 200: backendAnswers[200] },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { name } = request.params;
      const plan: Plan = (state) => {
        assertOwn({ kind: 'backend', name }, { intent: state, membership: rooms.membership.state.value });
        const entry = state.backends.get(name);
        if (entry === undefined) throw notFound(`backend ${name}`);
        const document = accept(documents.backend(mergePatch(backendDocument(entry), request.body)));
        assertSameName({ pointer: '/name', found: document.name, wanted: name });
        assertKeptSources(request.actor, { before: entry.document, after: document });
        return planPutBackend(state, document, preconditionOf(request.headers));
      };
      return { plan, reply: (result) => backendReply(result, name, false) };
    },
  });
}
