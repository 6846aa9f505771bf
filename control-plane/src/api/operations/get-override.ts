import { z } from 'zod';
import { overridesOf } from '../../intent/server-state.ts';
import { notFound } from '../../intent/precondition.ts';
import { readConditions } from '../conditions.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { overrideItem, overrideSchema } from '../override-item.ts';
import { serverParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function getOverride({ desired }: Pick<ApiRooms, 'desired'>): Operation {
  return defineOperation({
    operationId: 'getOverride',
    method: 'get',
    path: '/api/v1/overrides/{name}/{endpoint}',
    tag: 'overrides',
    summary: 'Shows what operators want of a server that is not active, or not there',
    scope: 'read',
    ofBackend: true,
    params: serverParams,
    headers: z.object(readConditions),
    answers: readAnswers(overrideSchema),
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name, endpoint }, headers }) {
      const state = desired.state.value;
      const override = overridesOf(state, name).get(endpoint);
      if (override === undefined) throw notFound(`override of server ${endpoint} in backend ${name}`);
      const document = () => overrideItem(state, { backend: name, endpoint });
      return readReply(headers, { revision: override.revision, document });
    },
  });
}
