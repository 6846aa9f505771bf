import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';
import type { ApiRooms } from '../rooms.ts';

const schema = z
  .object({ changed: z.boolean().meta({ description: 'False when it was not registered.' }) })
  .meta({ id: 'RegistrationRemoval' });

export function deleteRegistration({ registrations }: Pick<ApiRooms, 'registrations'>): Operation {
  return defineOperation({
    operationId: 'deleteRegistration',
    method: 'delete',
    path: '/api/v1/backends/{name}/registrations/{endpoint}',
    tag: 'registrations',
    summary: 'Takes a registered server away; one that is not registered is no failure',
    scope: 'write',
    ofBackend: true,
    registers: true,
    params: serverParams,
    answers: { 200: { description: 'It is not registered any more.', schema } },
    errors: ['HEADGATE_NOT_FOUND'],
    async handle({ params: { name: backend, endpoint } }) {
      return { status: 200, body: await registrations.remove({ backend, endpoint }) };
    },
  });
}
