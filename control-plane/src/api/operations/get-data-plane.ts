import { notFound } from '../../intent/precondition.ts';
import { dataPlaneDetail, dataPlaneDetailSchema } from '../data-plane-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { dataPlaneParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

export function getDataPlane({ register, newest, clock }: Pick<ApiRooms, 'register' | 'newest' | 'clock'>): Operation {
  return defineOperation({
    operationId: 'getDataPlane',
    method: 'get',
    path: '/api/v1/data-planes/{id}',
    tag: 'data-planes',
    summary: 'Shows a data plane, and which servers it holds for anything but healthy',
    scope: 'read',
    params: dataPlaneParams,
    answers: { 200: { description: 'As it is.', schema: dataPlaneDetailSchema } },
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ params: { id } }) {
      const record = register.fleet.value.get(id);
      if (record === undefined) throw notFound(`data plane ${id}`);
      return {
        status: 200,
        body: dataPlaneDetail(record, {
          newest: newest.value.id,
          now: clock.now(),
          lagOf: register.lagOf.bind(register),
        }),
      };
    },
  });
}
