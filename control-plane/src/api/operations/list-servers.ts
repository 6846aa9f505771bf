import { serverSchema } from '@headgate/shared/model/server';
import { serverDocument } from '../../intent/documents.ts';
import { notFound } from '../../intent/precondition.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema } from '../page.ts';
import { backendParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

export function listServers({ intent }: Pick<ApiRooms, 'intent'>): Operation {
  return defineOperation({
    operationId: 'listServers',
    method: 'get',
    path: '/api/v1/backends/{name}/servers',
    tag: 'servers',
    summary: "Lists a backend's servers by address:port",
    scope: 'read',
    ofBackend: true,
    params: backendParams,
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('ServerPage', serverSchema) } },
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name }, query }) {
      const servers = intent.state.value.backends.get(name)?.servers;
      if (servers === undefined) throw notFound(`backend ${name}`);
      const page = pageOf([...servers.keys()], query, (endpoint) => serverDocument(servers.get(endpoint)!.document));
      return { status: 200, body: page };
    },
  });
}
