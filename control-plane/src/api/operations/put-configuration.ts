import { configurationSchema } from '@headgate/shared/model/configuration';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { planPutConfiguration } from '../../intent/plan-put-configuration.ts';
import { accept, changeReply, changeSchema } from '../change.ts';
import { changeConditions, entityTag, preconditionOf } from '../conditions.ts';
import { defineChange, type ChangeRooms } from '../define-change.ts';
import { jsonBody } from '../json-body.ts';
import { messageHeader } from '../message.ts';
import type { Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

const ARTICLE =
  'The JSON of the dynamic load balancers that Headgate replaces (backend_name, addr, health_check.uri) is accepted too.';

export function putConfiguration({ documents, ...rooms }: ChangeRooms & Pick<ApiRooms, 'documents'>): Operation {
  return defineChange(rooms, {
    operationId: 'putConfiguration',
    method: 'put',
    path: '/api/v1/config',
    tag: 'config',
    summary: 'Replaces the whole configuration as one change',
    scope: 'write',
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: jsonBody(configurationSchema, ARTICLE),
    answers: {
      200: {
        description: 'Replaced, or equal already.',
        schema: changeSchema,
        headers: { ETag: 'The newest revision, in quotes.' },
      },
    },
    errors: ['HEADGATE_STALE'],
    prepare(request) {
      const document = accept(documents.configuration(request.body));
      const precondition = preconditionOf(request.headers);
      return {
        plan: async (state) => {
          // Reading a large document has held the others up long enough for one turn.
          await setImmediate();
          return planPutConfiguration(state, document, precondition);
        },
        reply: (result) => ({ ...changeReply(result), headers: { ETag: entityTag(result.revision) } }),
      };
    },
  });
}
