import { notFound } from '../../intent/precondition.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';
import { serverHealthItem, serverHealthSchema } from '../server-health-item.ts';

const MOST_NAMED = 1_000;

export function getServerHealth({
  desired,
  register,
  health,
  load,
}: Pick<ApiRooms, 'desired' | 'register' | 'health' | 'load'>): Operation {
  return defineOperation({
    operationId: 'getServerHealth',
    method: 'get',
    path: '/api/v1/backends/{name}/servers/{endpoint}/health',
    tag: 'health',
    summary: 'Shows what each data plane says of a server, and what they agree on',
    scope: 'read',
    ofBackend: true,
    params: serverParams,
    answers: { 200: { description: 'At most 1,000 data planes are named.', schema: serverHealthSchema } },
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { name, endpoint } }) {
      const state = desired.state.value;
      const backend = state.backends.get(name);
      if (backend === undefined) throw notFound(`backend ${name}`);
      if (!backend.servers.has(endpoint)) throw notFound(`server ${endpoint} in backend ${name}`);
      const sources = { intent: state, register, health, load };
      return { status: 200, body: serverHealthItem({ backend: name, endpoint }, sources, MOST_NAMED) };
    },
  });
}
