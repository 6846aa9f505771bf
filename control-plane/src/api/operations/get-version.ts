import { notFound } from '../../intent/precondition.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { versionParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';
import { newestVersion, versionSchema } from '../version-item.ts';

export function getVersion({ desired }: Pick<ApiRooms, 'desired'>): Operation {
  return defineOperation({
    operationId: 'getVersion',
    method: 'get',
    path: '/api/v1/versions/{version}',
    tag: 'versions',
    summary: 'Shows a version that can be sent to data planes: the newest alone',
    scope: 'read',
    params: versionParams,
    answers: { 200: { description: 'As it is.', schema: versionSchema } },
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params }) {
      const newest = newestVersion({ desired });
      if ((params.version ?? newest.version) !== newest.version)
        throw notFound(`version ${params.version} any more, or yet`);
      return { status: 200, body: newest };
    },
  });
}
