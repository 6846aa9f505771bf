import { z } from 'zod';
import { notFound } from '../../intent/precondition.ts';
import { readConditions } from '../conditions.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { overrideItem, overrideSchema } from '../override-item.ts';
import { serverParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function getOverride({ intent }: Pick<ApiRooms, 'intent'>): Operation {
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
      const backend = intent.state.value.backends.get(name);
      const override = backend?.overrides.get(endpoint);
      if (backend === undefined || override === undefined) {
        throw notFound(`override of server ${endpoint} in backend ${name}`);
      }
      return readReply(headers, { revision: override.revision, document: () => overrideItem(backend, endpoint) });
    },
  });
}
