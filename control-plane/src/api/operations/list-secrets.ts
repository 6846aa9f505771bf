import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema, sortedNames } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';
import { secretItem, secretSchema } from '../secret-item.ts';

export function listSecrets({ secrets }: Pick<ApiRooms, 'secrets'>): Operation {
  return defineOperation({
    operationId: 'listSecrets',
    method: 'get',
    path: '/api/v1/secrets',
    tag: 'secrets',
    summary: 'Lists secrets by name, without their values',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('SecretPage', secretSchema) } },
    handle({ query }) {
      const records = secrets.records.value;
      return { status: 200, body: pageOf(sortedNames(records), query, (name) => secretItem(records.get(name)!)) };
    },
  });
}
