import { hostItemSchema } from '../layer-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema, sortedNames } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';
import { shownHost } from '../shown-objects.ts';

export function listHosts({
  desired,
  intent,
  membership,
}: Pick<ApiRooms, 'desired' | 'intent' | 'membership'>): Operation {
  return defineOperation({
    operationId: 'listHosts',
    method: 'get',
    path: '/api/v1/hosts',
    tag: 'hosts',
    summary: 'Lists hosts by pattern',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('HostPage', hostItemSchema) } },
    handle({ query }) {
      const wishes = { intent: intent.state.value, membership: membership.state.value };
      const names = sortedNames(desired.state.value.hosts);
      return { status: 200, body: pageOf(names, query, (name) => shownHost(name, wishes)!.document()) };
    },
  });
}
