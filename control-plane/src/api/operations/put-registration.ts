import { parseEndpoint } from '@headgate/shared/model/address';
import { serverRegistrationSchema } from '@headgate/shared/model/registration';
import { readHeartbeat, readRegistration } from '../../registration/read-registration.ts';
import { accept } from '../change.ts';
import { optionalJsonBody } from '../json-body.ts';
import { assertSameName, nameContent } from '../name-content.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { serverParams } from '../parameters.ts';
import { registrationChange, registrationChangeSchema } from '../registration-item.ts';
import type { ApiRooms } from '../rooms.ts';

const namedSchema = serverRegistrationSchema
  .partial({ address: true, port: true })
  .meta({ id: 'NamedRegistration', description: 'What a server says of itself. Labels are its metadata.' });

export function putRegistration({
  registrations,
  documents,
}: Pick<ApiRooms, 'registrations' | 'documents'>): Operation {
  return defineOperation({
    operationId: 'putRegistration',
    method: 'put',
    path: '/api/v1/backends/{name}/registrations/{endpoint}',
    tag: 'registrations',
    summary: 'Registers a server, or is its heartbeat; the answer waits until what is new is durable',
    scope: 'write',
    ofBackend: true,
    registers: true,
    params: serverParams,
    body: optionalJsonBody(namedSchema, 'Replaces what the server was. Without content it stays what it is.'),
    answers: {
      200: { description: 'Renewed, or changed.', schema: registrationChangeSchema },
      201: { description: 'Registered.', schema: registrationChangeSchema },
    },
    errors: ['HEADGATE_NOT_FOUND', 'HEADGATE_NO_REGISTRATIONS'],
    async handle({ params: { name: backend, endpoint }, body }) {
      const rules = { registration: registrations.settingsOf(backend), documents };
      const content = nameContent(body, { ...parseEndpoint(endpoint) });
      const server = accept(body === undefined ? readHeartbeat(endpoint, rules) : readRegistration(content, rules));
      assertSameName({ pointer: '', found: server.endpoint, wanted: endpoint });
      const [result] = await registrations.register(backend, [server]);
      return { status: result!.created ? 201 : 200, body: registrationChange(result!) };
    },
  });
}
