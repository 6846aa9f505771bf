import { configurationSchema } from '@headgate/shared/model/configuration';
import { z } from 'zod';
import { configurationDocument } from '../../intent/documents.ts';
import { readConditions } from '../conditions.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { readAnswers, readReply } from '../read-reply.ts';
import type { ApiRooms } from '../rooms.ts';

export function getConfiguration({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'getConfiguration',
    method: 'get',
    path: '/api/v1/config',
    tag: 'config',
    summary: 'Shows the whole configuration as operators wrote it; its ETag is the newest revision',
    scope: 'read',
    headers: z.object(readConditions),
    answers: readAnswers(configurationSchema),
    handle({ headers }) {
      const state = intent.state.value;
      return readReply(headers, { revision: state.revision, document: () => configurationDocument(state) });
    },
  });
}
