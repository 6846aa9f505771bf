import { backendSchema } from '@headgate/shared/model/backend';
import { parseBackend } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import { planPutBackend } from '../../intent/plan-put-backend.ts';
import { accept, authorOf } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { assertSameName, nameContent } from '../name-content.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { backendParams } from '../parameters.ts';
import { backendAnswers, backendReply } from '../replies/backend-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function putBackend({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'putBackend',
    method: 'put',
    path: '/api/v1/backends/{name}',
    tag: 'backends',
    summary: 'Replaces a backend with its servers, or creates it',
    scope: 'write',
    params: backendParams,
    query: changeQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: jsonBody(backendSchema.partial({ name: true }).meta({ id: 'NamedBackend' })),
    answers: backendAnswers,
    errors: ['HEADGATE_STALE'],
    async handle(request) {
      const { name } = request.params;
      const document = accept(parseBackend(nameContent(request.body, { name })));
      assertSameName({ pointer: '/name', found: document.name, wanted: name });
      let created = false;
      const result = await intent.write((state) => {
        created = !state.backends.has(name);
        return planPutBackend(state, document, preconditionOf(request.headers));
      }, authorOf(request));
      return backendReply(result, name, created);
    },
  });
}
