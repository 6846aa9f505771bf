import { backendSchema } from '@headgate/shared/model/backend';
import { parseBackend } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import { planPutBackend } from '../../intent/plan-put-backend.ts';
import { accept, authorOf } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { backendAnswers, backendReply } from '../replies/backend-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function createBackend({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'createBackend',
    method: 'post',
    path: '/api/v1/backends',
    tag: 'backends',
    summary: 'Creates a backend with its servers',
    scope: 'write',
    query: changeQuery,
    headers: z.object(messageHeader),
    body: jsonBody(backendSchema),
    answers: { 201: backendAnswers[201] },
    errors: ['HEADGATE_ALREADY_EXISTS'],
    async handle(request) {
      const document = accept(parseBackend(request.body));
      const result = await intent.write(
        (state) => planPutBackend(state, document, { mustBeNew: true }),
        authorOf(request),
      );
      return backendReply(result, document.name, true);
    },
  });
}
