import { z } from 'zod';
import { notFound } from '../../intent/precondition.ts';
import { readConditions } from '../conditions.ts';
import { hostItemSchema } from '../layer-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { hostParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { shownHost } from '../shown-objects.ts';

export function getHost({ intent, membership }: Pick<ApiRooms, 'intent' | 'membership'>): Operation {
  return defineOperation({
    operationId: 'getHost',
    method: 'get',
    path: '/api/v1/hosts/{pattern}',
    tag: 'hosts',
    summary: 'Shows a host as its owner wrote it',
    scope: 'read',
    params: hostParams,
    headers: z.object(readConditions),
    answers: readAnswers(hostItemSchema),
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { pattern }, headers }) {
      const shown = shownHost(pattern, { intent: intent.state.value, membership: membership.state.value });
      if (shown === undefined) throw notFound(`host ${pattern}`);
      return readReply(headers, shown);
    },
  });
}
