import { serverItemSchema } from '@headgate/shared/model/server-resource';
import { z } from 'zod';
import { notFound } from '../../intent/precondition.ts';
import { readConditions } from '../conditions.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { shownServer } from '../shown-server.ts';

export function getServer({ desired }: Pick<ApiRooms, 'desired'>): Operation {
  return defineOperation({
    operationId: 'getServer',
    method: 'get',
    path: '/api/v1/backends/{name}/servers/{endpoint}',
    tag: 'servers',
    summary: 'Shows a server with its state, whoever brings it',
    scope: 'read',
    ofBackend: true,
    params: serverParams,
    headers: z.object(readConditions),
    answers: readAnswers(serverItemSchema),
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name, endpoint }, headers }) {
      const backend = desired.state.value.backends.get(name);
      if (backend === undefined) throw notFound(`backend ${name}`);
      const shown = shownServer(backend, endpoint);
      if (shown === undefined) throw notFound(`server ${endpoint} in backend ${name}`);
      return readReply(headers, { revision: shown.revision, document: () => shown.item });
    },
  });
}
