import { articleTtlMs } from '@headgate/shared/model/registration';
import { z } from 'zod';
import { readHeartbeat } from '../../registration/read-registration.ts';
import { accept } from '../change.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { upstreamAdmission } from './upstream-admission.ts';
import { upstreamFailure } from './upstream-failure.ts';
import {
  backendOfRequest,
  clientHeaders,
  endpointOfRequest,
  registrationQuery,
  weightOfRequest,
} from './upstream-request.ts';

type Rooms = Pick<ApiRooms, 'registrations' | 'documents' | 'upstream'>;

const schema = z
  .object({ success: z.literal(true), server: z.string().meta({ description: 'host:port' }) })
  .meta({ id: 'UpstreamAdded' });

/** By GET, as article 004's servers ask. */
export function addUpstream(rooms: Rooms): Operation {
  return define(rooms, { operationId: 'addUpstream', method: 'get' });
}

export function postUpstream(rooms: Rooms): Operation {
  return define(rooms, { operationId: 'postUpstream', method: 'post' });
}

function define(rooms: Rooms, named: Pick<Operation, 'operationId' | 'method'>): Operation {
  const { registrations, documents, upstream } = rooms;
  return defineOperation({
    ...named,
    path: '/upstream/add',
    tag: 'upstream',
    summary: "Registers a server for 60 s, or is its heartbeat (article 004); without host the client's address",
    scope: 'write',
    ofBackend: true,
    registers: true,
    admission: upstreamAdmission(rooms),
    query: registrationQuery,
    headers: clientHeaders,
    answers: { 200: { description: 'It is registered, durably.', schema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_NO_REGISTRATIONS', 'HEADGATE_INVALID'],
    failureWords: upstreamFailure('failed to add server'),
    async handle(request) {
      const backend = backendOfRequest(request.query, upstream);
      const endpoint = endpointOfRequest(request, upstream);
      const weight = weightOfRequest(request.query);
      registrations.settingsOf(backend);
      const server = accept(readHeartbeat(endpoint, { documents }, { weight, ttlMs: articleTtlMs }));
      await registrations.register(backend, [server]);
      return { status: 200, body: { success: true, server: endpoint } };
    },
  });
}
