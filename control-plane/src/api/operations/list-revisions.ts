import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';
import { pageQuery, pageSchema } from '../page.ts';
import { revisionItem, revisionSchema } from '../revision-item.ts';
import type { ApiRooms } from '../rooms.ts';

const AFTER_MESSAGE = 'is not a revision — use the next of the page before';

const revisionsQuery = pageQuery.extend({
  after: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, AFTER_MESSAGE)
    .transform(Number)
    .optional()
    .meta({ description: 'The next of the page before: revisions below it follow.' }),
});

export function listRevisions({ intent: { history } }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'listRevisions',
    method: 'get',
    path: '/api/v1/revisions',
    tag: 'revisions',
    summary: 'Lists the revisions that are kept, the newest first',
    scope: 'read',
    query: revisionsQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('RevisionPage', revisionSchema) } },
    errors: ['HEADGATE_UNAVAILABLE'],
    async handle({ query: { limit, after } }) {
      const atMost = after === undefined ? undefined : after - 1;
      const { kept, items } = await history.page({ atMost, limit });
      const last = items.at(-1)?.revision;
      const next = last === undefined || last <= kept.oldest ? {} : { next: String(last) };
      return { status: 200, body: { items: items.map(revisionItem), ...next } };
    },
  });
}
