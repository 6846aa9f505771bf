import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';
import { tokenItem, tokenSchema } from '../token-item.ts';

export function listTokens({ tokens, clock }: Pick<ApiRooms, 'tokens' | 'clock'>): Operation {
  return defineOperation({
    operationId: 'listTokens',
    method: 'get',
    path: '/api/v1/tokens',
    tag: 'tokens',
    summary: 'Lists tokens by name, without their texts',
    scope: 'admin',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('TokenPage', tokenSchema) } },
    handle({ query }) {
      const found = new Map(tokens.list().map((record) => [record.name, record]));
      const page = pageOf([...found.keys()], query, (name) => tokenItem(found.get(name)!, clock.now()));
      return { status: 200, body: page };
    },
  });
}
