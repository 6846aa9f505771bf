import { dataPlaneItem, dataPlaneSchema } from '../data-plane-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';

export function listDataPlanes({
  register,
  newest,
  clock,
}: Pick<ApiRooms, 'register' | 'newest' | 'clock'>): Operation {
  return defineOperation({
    operationId: 'listDataPlanes',
    method: 'get',
    path: '/api/v1/data-planes',
    tag: 'data-planes',
    summary: 'Lists the data planes that are or were connected, by id',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('DataPlanePage', dataPlaneSchema) } },
    handle({ query }) {
      const fleet = register.fleet.value;
      const viewpoint = { newest: newest.value.id, now: clock.now(), lagOf: register.lagOf.bind(register) };
      const page = pageOf([...fleet.keys()].sort(), query, (id) => dataPlaneItem(fleet.get(id)!, viewpoint));
      return { status: 200, body: page };
    },
  });
}
