import { z } from 'zod';
import type { RegistrationStatus } from '../../registration/registered-server.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { upstreamAdmission } from './upstream-admission.ts';
import { upstreamFailure } from './upstream-failure.ts';
import { backendOfRequest, backendQuery, clientHeaders } from './upstream-request.ts';

const seconds = (description: string): z.ZodNumber =>
  z.number().meta({ description: `${description} Unix time in seconds, with milliseconds.` });

const schema = z
  .object({
    servers: z.array(
      z.object({
        host: z.string(),
        port: z.int(),
        conn_count: z.int().meta({ description: 'Requests in flight, of all data planes together.' }),
        last_heartbeat: seconds('When it was heard of; when it came, if not since the control plane has started.'),
        created_time: seconds('When it came.'),
      }),
    ),
    total: z.int(),
    timestamp: seconds('Now.'),
  })
  .meta({ id: 'UpstreamStatus' });

export function getUpstreamStatus(rooms: Pick<ApiRooms, 'registrations' | 'upstream' | 'clock'>): Operation {
  const { registrations, upstream, clock } = rooms;
  return defineOperation({
    operationId: 'getUpstreamStatus',
    method: 'get',
    path: '/upstream/status',
    tag: 'upstream',
    summary: "Shows a backend's registered servers (article 004)",
    scope: 'read',
    ofBackend: true,
    registers: true,
    admission: upstreamAdmission(rooms),
    query: backendQuery,
    headers: clientHeaders,
    answers: { 200: { description: 'All of them.', schema } },
    errors: ['HEADGATE_NOT_FOUND'],
    failureWords: upstreamFailure('failed to show servers'),
    handle({ query }) {
      const backend = backendOfRequest(query, upstream);
      const servers = registrations
        .status(backend)
        .servers.map((server) => statusItem(server, upstream.inFlight(`${backend}/${server.endpoint}`)));
      return { status: 200, body: { servers, total: servers.length, timestamp: clock.now() / 1_000 } };
    },
  });
}

function statusItem({ document, since, lastHeartbeat = since }: RegistrationStatus, inFlight: number): object {
  return {
    host: document.address,
    port: document.port,
    conn_count: inFlight,
    last_heartbeat: lastHeartbeat / 1_000,
    created_time: since / 1_000,
  };
}
