import { overrideNames } from '../../intent/server-state.ts';
import { splitServerName } from '../../intent/server-name.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { overrideItem, overrideSchema } from '../override-item.ts';
import { pageOf, pageQuery, pageSchema } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';

export function listOverrides({ desired }: Pick<ApiRooms, 'desired'>): Operation {
  return defineOperation({
    operationId: 'listOverrides',
    method: 'get',
    path: '/api/v1/overrides',
    tag: 'overrides',
    summary: 'Lists servers that are draining or disabled, by backend/address:port, those that are absent too',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('OverridePage', overrideSchema) } },
    handle({ query }) {
      const state = desired.state.value;
      const page = pageOf(overrideNames(state), query, (name) => {
        const { backend, endpoint } = splitServerName(name);
        return overrideItem(state, { backend, endpoint });
      });
      return { status: 200, body: page };
    },
  });
}
