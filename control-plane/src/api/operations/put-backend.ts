import { backendSchema } from '@headgate/shared/model/backend';
import { z } from 'zod';
import type { Plan } from '../../intent/intent.ts';
import { planPutBackend } from '../../intent/plan-put-backend.ts';
import { accept } from '../change.ts';
import { changeConditions, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { jsonBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import { assertSameName, nameContent } from '../name-content.ts';
import type { Operation } from '../operation.ts';
import { assertOwn } from '../owned-elsewhere.ts';
import { backendParams } from '../parameters.ts';
import { backendAnswers, backendReply } from '../replies/backend-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { assertKeptSources } from '../security/kept-sources.ts';

export function putBackend({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'putBackend',
    method: 'put',
    path: '/api/v1/backends/{name}',
    tag: 'backends',
    summary: 'Replaces a backend with its servers, or creates it',
    scope: 'write',
    ofBackend: true,
    params: backendParams,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: jsonBody(backendSchema.partial({ name: true }).meta({ id: 'NamedBackend' })),
    answers: backendAnswers,
    errors: ['HEADGATE_STALE', 'HEADGATE_OWNED_ELSEWHERE'],
    prepare(request) {
      const { name } = request.params;
      // Before the content: what is shown of a layer's own cannot be sent back.
      assertOwn(
        { kind: 'backend', name },
        { intent: rooms.intent.state.value, membership: rooms.membership.state.value },
      );
      const document = accept(documents.backend(nameContent(request.body, { name })));
      assertSameName({ pointer: '/name', found: document.name, wanted: name });
      let created = false;
      const plan: Plan = (state) => {
        const before = state.backends.get(name)?.document;
        assertKeptSources(request.actor, { before, after: document });
        created = before === undefined;
        return planPutBackend(state, document, preconditionOf(request.headers));
      };
      return { plan, reply: (result) => backendReply(result, name, created) };
    },
  });
}
