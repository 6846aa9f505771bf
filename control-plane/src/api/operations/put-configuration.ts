import { configurationSchema } from '@headgate/shared/model/configuration';
import { parseConfiguration } from '@headgate/shared/model/parse-configuration';
import { z } from 'zod';
import { planPutConfiguration } from '../../intent/plan-put-configuration.ts';
import { accept, authorOf, changeReply, changeSchema } from '../change.ts';
import { changeConditions, entityTag, preconditionOf } from '../conditions.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

const ARTICLE =
  'The JSON of the dynamic load balancers that Headgate replaces (backend_name, addr, health_check.uri) is accepted too.';

export function putConfiguration({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'putConfiguration',
    method: 'put',
    path: '/api/v1/config',
    tag: 'config',
    summary: 'Replaces the whole configuration as one change',
    scope: 'write',
    query: changeQuery,
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
    async handle(request) {
      const document = accept(parseConfiguration(request.body));
      const precondition = preconditionOf(request.headers);
      const result = await intent.write(
        (state) => planPutConfiguration(state, document, precondition),
        authorOf(request),
      );
      return { ...changeReply(result), headers: { ETag: entityTag(result.revision) } };
    },
  });
}
