import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { upstreamAdmission } from './upstream-admission.ts';
import { upstreamFailure } from './upstream-failure.ts';
import { backendOfRequest, clientHeaders, endpointOfRequest, serverQuery } from './upstream-request.ts';

type Rooms = Pick<ApiRooms, 'registrations' | 'upstream'>;

const schema = z
  .object({ success: z.literal(true), removed: z.string().meta({ description: 'host:port' }) })
  .meta({ id: 'UpstreamRemoved' });

/** By GET, as article 004's servers ask. */
export function removeUpstream(rooms: Rooms): Operation {
  return define(rooms, { operationId: 'removeUpstream', method: 'get' });
}

export function postUpstreamRemoval(rooms: Rooms): Operation {
  return define(rooms, { operationId: 'postUpstreamRemoval', method: 'post' });
}

function define(rooms: Rooms, named: Pick<Operation, 'operationId' | 'method'>): Operation {
  const { registrations, upstream } = rooms;
  return defineOperation({
    ...named,
    path: '/upstream/remove',
    tag: 'upstream',
    summary: "Takes a registered server away (article 004); without host the client's address",
    scope: 'write',
    ofBackend: true,
    registers: true,
    admission: upstreamAdmission(rooms),
    query: serverQuery,
    headers: clientHeaders,
    answers: { 200: { description: 'It is not registered any more, or was not.', schema } },
    errors: ['HEADGATE_NOT_FOUND'],
    failureWords: upstreamFailure('failed to remove server'),
    async handle(request) {
      const backend = backendOfRequest(request.query, upstream);
      const endpoint = endpointOfRequest(request, upstream);
      await registrations.remove({ backend, endpoint });
      return { status: 200, body: { success: true, removed: endpoint } };
    },
  });
}
