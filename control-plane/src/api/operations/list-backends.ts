import { backendItemSchema } from '../layer-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema, sortedNames } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';
import { shownBackend } from '../shown-objects.ts';

export function listBackends({
  desired,
  intent,
  membership,
}: Pick<ApiRooms, 'desired' | 'intent' | 'membership'>): Operation {
  return defineOperation({
    operationId: 'listBackends',
    method: 'get',
    path: '/api/v1/backends',
    tag: 'backends',
    summary: 'Lists backends by name',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('BackendPage', backendItemSchema) } },
    handle({ query }) {
      const wishes = { intent: intent.state.value, membership: membership.state.value };
      const names = sortedNames(desired.state.value.backends);
      return { status: 200, body: pageOf(names, query, (name) => shownBackend(name, wishes)!.document()) };
    },
  });
}
