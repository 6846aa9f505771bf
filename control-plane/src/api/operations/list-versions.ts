import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { newestVersion, versionSchema } from '../version-item.ts';

export function listVersions({ desired }: Pick<ApiRooms, 'desired'>): Operation {
  return defineOperation({
    operationId: 'listVersions',
    method: 'get',
    path: '/api/v1/versions',
    tag: 'versions',
    summary: 'Lists the versions that can be sent to data planes: the newest alone',
    scope: 'read',
    answers: {
      200: {
        description: 'All of them.',
        schema: z.object({ items: z.array(versionSchema) }).meta({ id: 'VersionPage' }),
      },
    },
    handle() {
      return { status: 200, body: { items: [newestVersion({ desired })] } };
    },
  });
}
