import { serverItemSchema } from '@headgate/shared/model/server-resource';
import { notFound } from '../../intent/precondition.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema } from '../page.ts';
import { backendParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';
import { serverItem } from '../server-item.ts';

export function listServers({ desired }: Pick<ApiRooms, 'desired'>): Operation {
  return defineOperation({
    operationId: 'listServers',
    method: 'get',
    path: '/api/v1/backends/{name}/servers',
    tag: 'servers',
    summary: "Lists a backend's servers by address:port, with their states",
    scope: 'read',
    ofBackend: true,
    params: backendParams,
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('ServerPage', serverItemSchema) } },
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name }, query }) {
      const backend = desired.state.value.backends.get(name);
      if (backend === undefined) throw notFound(`backend ${name}`);
      const page = pageOf([...backend.servers.keys()], query, (endpoint) => serverItem(backend, endpoint));
      return { status: 200, body: page };
    },
  });
}
