import { z } from 'zod';
import { accept, authorOf } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { tokenLocation } from '../locations.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { newTokenSchema, tokenItem } from '../token-item.ts';
import { parseTokenRequest, tokenRequestSchema } from '../token-request.ts';

export function createToken({ tokens, clock }: Pick<ApiRooms, 'tokens' | 'clock'>): Operation {
  return defineOperation({
    operationId: 'createToken',
    method: 'post',
    path: '/api/v1/tokens',
    tag: 'tokens',
    summary: 'Creates a token and shows it this once',
    scope: 'admin',
    query: changeQuery.pick({ message: true }),
    headers: z.object(messageHeader),
    body: jsonBody(tokenRequestSchema),
    answers: { 201: { description: 'Created.', schema: newTokenSchema, headers: { Location: 'Where it is.' } } },
    errors: ['HEADGATE_ALREADY_EXISTS', 'HEADGATE_IN_USE', 'HEADGATE_UNAVAILABLE', 'HEADGATE_STORE_FULL'],
    async handle(request) {
      const wanted = accept(parseTokenRequest(request.body, clock.now()));
      const { record, text } = await tokens.create(wanted, authorOf(request));
      const body = { ...tokenItem(record, clock.now()), token: text };
      return { status: 201, body, headers: { Location: tokenLocation(record.name) } };
    },
  });
}
