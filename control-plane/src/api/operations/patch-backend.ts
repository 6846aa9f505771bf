import { parseBackend } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import { backendDocument } from '../../intent/documents.ts';
import { mergePatch } from '../../intent/merge-patch.ts';
import { planPutBackend } from '../../intent/plan-put-backend.ts';
import { notFound } from '../../intent/precondition.ts';
import { accept, authorOf } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { mergePatchBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { assertSameName } from '../name-content.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { backendParams } from '../parameters.ts';
import { backendAnswers, backendReply } from '../replies/backend-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function patchBackend({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'patchBackend',
    method: 'patch',
    path: '/api/v1/backends/{name}',
    tag: 'backends',
    summary: 'Changes parts of a backend',
    scope: 'write',
    params: backendParams,
    query: changeQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: mergePatchBody('backend'),
    answers: { 200: backendAnswers[200] },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_STALE'],
    async handle(request) {
      const { name } = request.params;
      const result = await intent.write((state) => {
        const entry = state.backends.get(name);
        if (entry === undefined) throw notFound(`backend ${name}`);
        const document = accept(parseBackend(mergePatch(backendDocument(entry), request.body)));
        assertSameName({ pointer: '/name', found: document.name, wanted: name });
        return planPutBackend(state, document, preconditionOf(request.headers));
      }, authorOf(request));
      return backendReply(result, name, false);
    },
  });
}
