import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';
import { sourceItem, sourceSchema } from '../source-item.ts';

export function listSources({ sources }: Pick<ApiRooms, 'sources'>): Operation {
  return defineOperation({
    operationId: 'listSources',
    method: 'get',
    path: '/api/v1/sources',
    tag: 'sources',
    summary: 'Lists the places that servers come from by themselves, and how each does',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('SourcePage', sourceSchema) } },
    handle({ query }) {
      const listed = new Map(sources.list().map((source) => [source.name, source]));
      const page = pageOf([...listed.keys()].sort(), query, (name) => sourceItem(listed.get(name)!));
      return { status: 200, body: page };
    },
  });
}
