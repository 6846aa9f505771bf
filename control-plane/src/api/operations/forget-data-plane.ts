import { HeadgateError } from '@headgate/shared/error';
import { notFound } from '../../intent/precondition.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { dataPlaneParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

export function forgetDataPlane({ register, audit }: Pick<ApiRooms, 'register' | 'audit'>): Operation {
  return defineOperation({
    operationId: 'forgetDataPlane',
    method: 'delete',
    path: '/api/v1/data-planes/{id}',
    tag: 'data-planes',
    summary: 'Forgets a data plane that has gone, at once, so that it blocks convergence no longer',
    scope: 'write',
    params: dataPlaneParams,
    answers: { 204: { description: 'Forgotten.' } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_IN_USE'],
    async handle({ params: { id }, actor, origin }) {
      assertGone(register.member(id)?.connected, id);
      const objects = [`data-plane/${id}`];
      await audit.wrote({ ...origin, actor: actor.name, message: '', objects, changes: 1 });
      // It may have come back meanwhile; one that was forgotten meanwhile is what was asked for.
      assertGone(register.forget(id) === 'connected', id);
      return { status: 204 };
    },
  });
}

/** @throws HeadgateError */
function assertGone(connected: boolean | undefined, id: string): void {
  if (connected === undefined) throw notFound(`data plane ${id}`);
  if (connected) throw new HeadgateError('HEADGATE_IN_USE', `The data plane ${id} is connected — stop it first`);
}
