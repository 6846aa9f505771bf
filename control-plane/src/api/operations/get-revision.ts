import { z } from 'zod';
import { diffPage } from '../../intent/diff-page.ts';
import { diffShape } from '../diff-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { revisionItem, revisionParams, revisionShape } from '../revision-item.ts';
import type { ApiRooms } from '../rooms.ts';

const MOST_SHOWN = 100;

const revisionWithDiffSchema = z
  .object({ ...revisionShape, diff: z.object(diffShape) })
  .meta({ id: 'RevisionWithDiff' });

export function getRevision({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'getRevision',
    method: 'get',
    path: '/api/v1/revisions/{revision}',
    tag: 'revisions',
    summary: 'Shows who made a revision, when and why, and its diff against the one before: the first 100 objects',
    scope: 'read',
    params: revisionParams,
    answers: { 200: { description: 'As it is.', schema: revisionWithDiffSchema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_UNAVAILABLE'],
    async handle({ params }) {
      const wanted = params.revision ?? intent.state.value.revision;
      const summary = await intent.history.revision(wanted);
      const { next: _next, ...diff } = diffPage(await intent.history.changes(wanted - 1, wanted), {
        limit: MOST_SHOWN,
      });
      return { status: 200, body: { ...revisionItem(summary), diff } };
    },
  });
}
