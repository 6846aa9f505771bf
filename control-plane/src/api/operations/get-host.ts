import { hostSchema } from '@headgate/shared/model/host';
import { z } from 'zod';
import { hostDocument } from '../../intent/documents.ts';
import { notFound } from '../../intent/precondition.ts';
import { readConditions } from '../conditions.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { hostParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function getHost({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'getHost',
    method: 'get',
    path: '/api/v1/hosts/{pattern}',
    tag: 'hosts',
    summary: 'Shows a host as operators wrote it',
    scope: 'read',
    params: hostParams,
    headers: z.object(readConditions),
    answers: readAnswers(hostSchema),
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { pattern }, headers }) {
      const entry = intent.state.value.hosts.get(pattern);
      if (entry === undefined) throw notFound(`host ${pattern}`);
      return readReply(headers, { revision: entry.revision, document: () => hostDocument(entry.document) });
    },
  });
}
