import { z } from 'zod';
import { notFound } from '../../intent/precondition.ts';
import { readConditions } from '../conditions.ts';
import { backendItemSchema } from '../layer-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { backendParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { shownBackend } from '../shown-objects.ts';

export function getBackend({ intent, membership }: Pick<ApiRooms, 'intent' | 'membership'>): Operation {
  return defineOperation({
    operationId: 'getBackend',
    method: 'get',
    path: '/api/v1/backends/{name}',
    tag: 'backends',
    summary: 'Shows a backend as its owner wrote it, with its servers',
    scope: 'read',
    ofBackend: true,
    params: backendParams,
    headers: z.object(readConditions),
    answers: readAnswers(backendItemSchema),
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name }, headers }) {
      const shown = shownBackend(name, { intent: intent.state.value, membership: membership.state.value });
      if (shown === undefined) throw notFound(`backend ${name}`);
      return readReply(headers, shown);
    },
  });
}
