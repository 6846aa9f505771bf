import { backendSchema } from '@headgate/shared/model/backend';
import { z } from 'zod';
import { backendDocument } from '../../intent/documents.ts';
import { notFound } from '../../intent/precondition.ts';
import { readConditions } from '../conditions.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { backendParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function getBackend({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'getBackend',
    method: 'get',
    path: '/api/v1/backends/{name}',
    tag: 'backends',
    summary: 'Shows a backend as operators wrote it, with its servers',
    scope: 'read',
    ofBackend: true,
    params: backendParams,
    headers: z.object(readConditions),
    answers: readAnswers(backendSchema),
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name }, headers }) {
      const entry = intent.state.value.backends.get(name);
      if (entry === undefined) throw notFound(`backend ${name}`);
      return readReply(headers, { revision: entry.revision, document: () => backendDocument(entry) });
    },
  });
}
