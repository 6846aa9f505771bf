import { z } from 'zod';
import { notFound } from '../../intent/precondition.ts';
import { readConditions } from '../conditions.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { secretParams } from '../parameters.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';
import { secretItem, secretSchema } from '../secret-item.ts';

export function getSecret({ secrets }: Pick<ApiRooms, 'secrets'>): Operation {
  return defineOperation({
    operationId: 'getSecret',
    method: 'get',
    path: '/api/v1/secrets/{name}',
    tag: 'secrets',
    summary: 'Shows a secret without its value',
    scope: 'read',
    params: secretParams,
    headers: z.object(readConditions),
    answers: readAnswers(secretSchema),
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name }, headers }) {
      const record = secrets.records.value.get(name);
      if (record === undefined) throw notFound(`secret ${name}`);
      return readReply(headers, { revision: record.revision, document: () => secretItem(record) });
    },
  });
}
