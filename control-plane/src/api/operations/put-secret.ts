import { z } from 'zod';
import { parseSecretValue } from '../../secrets/parse-secret-value.ts';
import { accept, authorOf } from '../change.ts';
import { changeConditions, entityTag, preconditionOf } from '../conditions.ts';
import { jsonBody } from '../json-body.ts';
import { secretLocation } from '../locations.ts';
import { messageHeader, messageQuery } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { secretParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';
import { secretItem, secretSchema } from '../secret-item.ts';

const ETAG = 'Counts writes of secrets, in quotes.';

const valueSchema = z
  .union([
    z.strictObject({ value: z.string().min(1).max(65_536).meta({ description: 'A text; at most 64 KiB in UTF-8.' }) }),
    z.strictObject({
      valueBase64: z
        .string()
        .min(4)
        .max(87_384)
        .meta({ description: 'Bytes, in base64 with padding; at most 64 KiB.' }),
    }),
  ])
  .meta({ id: 'SecretValue' });

const schema = z
  .object({
    changed: z.literal(true).meta({ description: 'Always: nothing tells whether the value was the same.' }),
    item: secretSchema,
  })
  .meta({ id: 'SecretChange' });

export function putSecret({ secrets }: Pick<ApiRooms, 'secrets'>): Operation {
  return defineOperation({
    operationId: 'putSecret',
    method: 'put',
    path: '/api/v1/secrets/{name}',
    tag: 'secrets',
    summary: 'Replaces the value of a secret, or creates it',
    scope: 'admin',
    params: secretParams,
    query: messageQuery,
    headers: z.object({ ...changeConditions, ...messageHeader }),
    body: jsonBody(valueSchema, 'The value, which nobody can read again.'),
    answers: {
      200: { description: 'Replaced.', schema, headers: { ETag: ETAG } },
      201: { description: 'Created.', schema, headers: { ETag: ETAG, Location: 'Where it is.' } },
    },
    errors: ['HEADGATE_STALE', 'HEADGATE_STORE_FULL', 'HEADGATE_UNAVAILABLE'],
    async handle(request) {
      const { name } = request.params;
      const value = accept(parseSecretValue(request.body));
      const precondition = preconditionOf(request.headers);
      const { record, created } = await secrets.put({ name, value, who: authorOf(request), ...precondition });
      const headers = { ETag: entityTag(record.revision) };
      const body = { changed: true, item: secretItem(record) };
      if (!created) return { status: 200, body, headers };
      return { status: 201, body, headers: { ...headers, Location: secretLocation(name) } };
    },
  });
}
