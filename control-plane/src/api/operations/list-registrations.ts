import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema } from '../page.ts';
import { backendParams } from '../parameters.ts';
import { registrationItem, registrationItemSchema } from '../registration-item.ts';
import type { ApiRooms } from '../rooms.ts';
import { timeOf } from '../time-of.ts';

const schema = z
  .intersection(
    pageSchema('RegistrationItems', registrationItemSchema),
    z.object({
      pausedUntil: z.string().optional().meta({
        description: 'When servers that are silent go at the latest; absent when expiry is not paused.',
      }),
    }),
  )
  .meta({ id: 'RegistrationPage' });

export function listRegistrations({ registrations }: Pick<ApiRooms, 'registrations'>): Operation {
  return defineOperation({
    operationId: 'listRegistrations',
    method: 'get',
    path: '/api/v1/backends/{name}/registrations',
    tag: 'registrations',
    summary: "Lists a backend's registered servers by address:port, with when they were heard of and when they go",
    scope: 'read',
    ofBackend: true,
    registers: true,
    params: backendParams,
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema } },
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name }, query }) {
      const status = registrations.status(name);
      const byEndpoint = new Map(status.servers.map((server) => [server.endpoint, server]));
      const page = pageOf([...byEndpoint.keys()], query, (endpoint) =>
        registrationItem(byEndpoint.get(endpoint)!, status),
      );
      const { pausedUntil } = status;
      return { status: 200, body: pausedUntil === undefined ? page : { ...page, pausedUntil: timeOf(pausedUntil) } };
    },
  });
}
