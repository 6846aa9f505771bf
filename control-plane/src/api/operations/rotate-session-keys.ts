import { checkSchema } from '@headgate/shared/model/check-schema';
import { durationMs, durationSchema } from '@headgate/shared/model/duration';
import type { Checked } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import { z } from 'zod';
import { DEFAULT_GRACE_MS } from '../../session-keys/session-key.ts';
import { accept, authorOf } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { sessionKeysItem, sessionKeysSchema } from '../session-key-item.ts';

const rotationSchema = z
  .strictObject({
    grace: durationSchema({ min: '0s', max: '720h' })
      .optional()
      .meta({
        description:
          'How long former keys are still read once the new one has taken over, at most 720h; default 24h. 0s ends the ' +
          'sessions of clients that have not come back by then.',
      }),
  })
  .meta({ id: 'SessionKeyRotation' });

export function rotateSessionKeys({ sessionKeys }: Pick<ApiRooms, 'sessionKeys'>): Operation {
  return defineOperation({
    operationId: 'rotateSessionKeys',
    method: 'post',
    path: '/api/v1/session-keys/rotate',
    tag: 'session-keys',
    summary: 'Begins to replace the key of session cookies without losing a session',
    scope: 'admin',
    query: changeQuery.pick({ message: true }),
    headers: z.object(messageHeader),
    body: jsonBody(rotationSchema),
    answers: { 202: { description: 'Begun: the new key is on its way.', schema: sessionKeysSchema } },
    errors: ['HEADGATE_ROTATING', 'HEADGATE_UNAVAILABLE', 'HEADGATE_STORE_FULL'],
    async handle(request) {
      const { grace } = accept(parseRotation(request.body));
      await sessionKeys.rotate({ ...authorOf(request), graceMs: durationMs(grace, DEFAULT_GRACE_MS) });
      return { status: 202, body: sessionKeysItem(sessionKeys.status) };
    },
  });
}

function parseRotation(content: unknown): Checked<z.output<typeof rotationSchema>> {
  const result = checkSchema(rotationSchema, content);
  return result.ok ? result : { ok: false, faults: limitFaults(result.faults) };
}
