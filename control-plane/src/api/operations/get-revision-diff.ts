import { z } from 'zod';
import { diffPage } from '../../intent/diff-page.ts';
import { diffShape } from '../diff-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageQuery } from '../page.ts';
import { revisionParameter, revisionParams } from '../revision-item.ts';
import type { ApiRooms } from '../rooms.ts';

const diffSchema = z
  .object({
    from: z.int(),
    to: z.int(),
    ...diffShape,
    next: z.string().optional().meta({ description: 'What to send as after for the next page; absent on the last.' }),
  })
  .meta({ id: 'RevisionDiff', description: 'What turns the content of one revision into that of another.' });

const diffQuery = pageQuery.extend({
  from: revisionParameter.optional().meta({
    description: 'The revision to compare with, older or newer; by default the one before. Also newest.',
  }),
});

export function getRevisionDiff({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'getRevisionDiff',
    method: 'get',
    path: '/api/v1/revisions/{revision}/diff',
    tag: 'revisions',
    summary: 'Shows what differs between two revisions, in either direction',
    scope: 'read',
    params: revisionParams,
    query: diffQuery,
    answers: { 200: { description: 'One page.', schema: diffSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_UNAVAILABLE'],
    async handle({ params, query }) {
      const newest = intent.state.value.revision;
      const to = params.revision ?? newest;
      const from = 'from' in query ? (query.from ?? newest) : Math.max(0, to - 1);
      const page = diffPage(await intent.history.changes(from, to), query);
      return { status: 200, body: { from, to, ...page } };
    },
  });
}
