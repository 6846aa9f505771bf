import { registrationListSchema } from '@headgate/shared/model/registration';
import { z } from 'zod';
import { readRegistrations } from '../../registration/read-registration.ts';
import { accept } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { backendParams } from '../parameters.ts';
import { registrationResult, registrationResultSchema } from '../registration-item.ts';
import type { ApiRooms } from '../rooms.ts';

const schema = z.object({ items: z.array(registrationResultSchema) }).meta({ id: 'RegistrationResults' });

export function createRegistrations({
  registrations,
  documents,
}: Pick<ApiRooms, 'registrations' | 'documents'>): Operation {
  return defineOperation({
    operationId: 'createRegistrations',
    method: 'post',
    path: '/api/v1/backends/{name}/registrations',
    tag: 'registrations',
    summary: 'Registers many servers, or is their heartbeat: all of them, or none and every fault',
    scope: 'write',
    ofBackend: true,
    registers: true,
    params: backendParams,
    body: jsonBody(registrationListSchema, 'Each replaces what the server was.'),
    answers: { 200: { description: 'All are registered; in the order of the request.', schema } },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_NO_REGISTRATIONS'],
    async handle({ params: { name: backend }, body }) {
      const registration = registrations.settingsOf(backend);
      const servers = accept(readRegistrations(body, { registration, documents }));
      const results = await registrations.register(backend, servers);
      return { status: 200, body: { items: results.map(registrationResult) } };
    },
  });
}
