import { backendSchema } from '@headgate/shared/model/backend';
import { z } from 'zod';
import { planPutBackend } from '../../intent/plan-put-backend.ts';
import { accept } from '../change.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { jsonBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { backendAnswers, backendReply } from '../replies/backend-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function createBackend({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'createBackend',
    method: 'post',
    path: '/api/v1/backends',
    tag: 'backends',
    summary: 'Creates a backend with its servers',
    scope: 'write',
    headers: z.object(messageHeader),
    body: jsonBody(backendSchema),
    answers: { 201: backendAnswers[201] },
    errors: ['HEADGATE_ALREADY_EXISTS', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const document = accept(documents.backend(request.body));
      return {
        plan: (state) => {
          assertOwn(
            { kind: 'backend', name: document.name },
            { intent: state, membership: rooms.membership.state.value },
          );
          return planPutBackend(state, document, { mustBeNew: true });
        },
        reply: (result) => backendReply(result, document.name, true),
      };
    },
  });
}
