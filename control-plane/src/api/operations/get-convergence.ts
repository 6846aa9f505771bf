import { z } from 'zod';
import { waitForConvergence } from '../../fleet/wait-for-convergence.ts';
import { notFound } from '../../intent/precondition.ts';
import { dataPlaneStateSchema } from '../data-plane-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { versionParams, waitSchema } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

const convergenceSchema = z
  .object({
    version: z.int(),
    converged: z.boolean().meta({
      description:
        'A data plane is connected, and every known one serves this version, or a later one, on all threads.',
    }),
    dataPlanes: z.array(
      z.object({
        id: z.string(),
        state: dataPlaneStateSchema,
        epoch: z.string(),
        version: z.int(),
        serves: z.boolean().meta({ description: 'Whether it serves this version, or a later one.' }),
      }),
    ),
  })
  .meta({ id: 'Convergence' });

/** `ignore=gone`: data planes that are not connected do not count. */
const convergenceQuery = z.strictObject({
  wait: waitSchema,
  ignore: z
    .literal('gone', 'is not known here — only gone can be ignored')
    .optional()
    .meta({ description: 'Those that are not connected do not count.' }),
});

export function getConvergence({
  desired,
  register,
  newest,
  clock,
}: Pick<ApiRooms, 'desired' | 'register' | 'newest' | 'clock'>): Operation {
  return defineOperation({
    operationId: 'getConvergence',
    method: 'get',
    path: '/api/v1/versions/{version}/convergence',
    tag: 'versions',
    summary: 'Shows which data planes serve a version, and waits until all do',
    scope: 'read',
    params: versionParams,
    query: convergenceQuery,
    answers: {
      200: {
        description: 'How things stand; when the wait has ended, converged may be false.',
        schema: convergenceSchema,
      },
    },
    errors: ['HEADGATE_NOT_FOUND'],
    async handle({ params, query, signal }) {
      const version = params.version ?? desired.state.value.version;
      if (version > desired.state.value.version) throw notFound(`version ${version} yet`);
      const question = { version, ignoreGone: query.ignore === 'gone' };
      const wait = { register, newest, clock, waitMs: query.wait, signal };
      return { status: 200, body: await waitForConvergence(question, wait) };
    },
  });
}
