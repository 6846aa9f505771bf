import { backendSchema } from '@headgate/shared/model/backend';
import { backendDocument } from '../../intent/documents.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema, sortedNames } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';

export function listBackends({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'listBackends',
    method: 'get',
    path: '/api/v1/backends',
    tag: 'backends',
    summary: 'Lists backends by name',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('BackendPage', backendSchema) } },
    handle({ query }) {
      const { backends } = intent.state.value;
      return {
        status: 200,
        body: pageOf(sortedNames(backends), query, (name) => backendDocument(backends.get(name)!)),
      };
    },
  });
}
