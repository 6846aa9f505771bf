import {
  checkExplainQuestion,
  explainQuestionSchema,
  resolveExplainQuestion,
} from '@headgate/shared/model/explain-question';
import { z } from 'zod';
import { explainRequest } from '../../explain/explain-request.ts';
import { accept } from '../change.ts';
import { explanationItem, explanationsSchema } from '../explanation-item.ts';
import { jsonBody } from '../json-body.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

const ID_MESSAGE = 'is not the id of a data plane — use 1 to 253 visible ASCII characters, or * for all';

const contentSchema = z
  .strictObject({
    ...explainQuestionSchema.shape,
    dataPlane: z
      .string({ error: ID_MESSAGE })
      .max(253, ID_MESSAGE)
      .regex(/^[\x21-\x7e]+$/, ID_MESSAGE)
      .optional()
      .meta({
        description:
          'Who is asked; * for all that are connected, at most 20. Default: one that serves the newest version.',
      }),
  })
  .meta({ id: 'ExplainRequest' });

export function explain({
  register,
  questions,
  newest,
}: Pick<ApiRooms, 'register' | 'questions' | 'newest'>): Operation {
  return defineOperation({
    operationId: 'explain',
    method: 'post',
    path: '/api/v1/explain',
    tag: 'health',
    summary:
      'Asks data planes how they would serve a request: route, backend, every server and why it is in or out; changes nothing',
    scope: 'read',
    body: jsonBody(contentSchema),
    answers: { 200: { description: 'What they say, by id.', schema: explanationsSchema } },
    errors: [
      'HEADGATE_NOT_FOUND',
      'HEADGATE_NOT_CONNECTED',
      'HEADGATE_NOT_SUPPORTED',
      'HEADGATE_TOO_MANY_QUESTIONS',
      'HEADGATE_DATA_PLANE_FAILED',
      'HEADGATE_NO_DATA_PLANE',
      'HEADGATE_NO_ANSWER',
    ],
    async handle({ body }) {
      const { dataPlane, ...question } = accept(checkExplainQuestion(contentSchema, body));
      const sources = { register, questions, newest: newest.value.id };
      const { items, more } = await explainRequest(resolveExplainQuestion(question), dataPlane, sources);
      return { status: 200, body: { items: items.map(explanationItem), moreDataPlanes: more } };
    },
  });
}
