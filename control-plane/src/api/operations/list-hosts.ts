import { hostSchema } from '@headgate/shared/model/host';
import { hostDocument } from '../../intent/documents.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema, sortedNames } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';

export function listHosts({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'listHosts',
    method: 'get',
    path: '/api/v1/hosts',
    tag: 'hosts',
    summary: 'Lists hosts by pattern',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('HostPage', hostSchema) } },
    handle({ query }) {
      const { hosts } = intent.state.value;
      return {
        status: 200,
        body: pageOf(sortedNames(hosts), query, (pattern) => hostDocument(hosts.get(pattern)!.document)),
      };
    },
  });
}
