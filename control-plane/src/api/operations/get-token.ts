import { notFound } from '../../intent/precondition.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { tokenParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';
import { tokenItem, tokenSchema } from '../token-item.ts';

export function getToken({ tokens, clock }: Pick<ApiRooms, 'tokens' | 'clock'>): Operation {
  return defineOperation({
    operationId: 'getToken',
    method: 'get',
    path: '/api/v1/tokens/{name}',
    tag: 'tokens',
    summary: 'Shows a token, without its text',
    scope: 'admin',
    params: tokenParams,
    answers: { 200: { description: 'As it is.', schema: tokenSchema } },
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name } }) {
      const record = tokens.get(name);
      if (record === undefined) throw notFound(`token ${name}`);
      return { status: 200, body: tokenItem(record, clock.now()) };
    },
  });
}
