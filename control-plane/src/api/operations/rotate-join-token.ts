import { checkSchema } from '@headgate/shared/model/check-schema';
import { durationMs, durationSchema } from '@headgate/shared/model/duration';
import type { Checked } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import { z } from 'zod';
import { accept, authorOf } from '../change.ts';
import { jsonBody } from '../json-body.ts';
import { changeQuery, messageHeader } from '../message.ts';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';
import { joinTokenItem, joinTokenShape } from './get-join-token.ts';

const HOUR_MS = 3_600_000;

const rotationSchema = z
  .strictObject({
    overlap: durationSchema({ min: '0s', max: '720h' })
      .optional()
      .meta({ description: 'How long former tokens are still accepted, at most 720h; default 1h.' }),
  })
  .meta({ id: 'JoinTokenRotation' });

const rotatedSchema = z
  .object({ ...joinTokenShape, token: z.string().meta({ description: 'Shown now and never again.' }) })
  .meta({ id: 'NewJoinToken' });

export function rotateJoinToken({ joinTokens }: Pick<ApiRooms, 'joinTokens'>): Operation {
  return defineOperation({
    operationId: 'rotateJoinToken',
    method: 'post',
    path: '/api/v1/join-token/rotate',
    tag: 'join-token',
    summary: 'Makes a new join token, shows it this once, and lets the former be used for a while',
    scope: 'admin',
    query: changeQuery.pick({ message: true }),
    headers: z.object(messageHeader),
    body: jsonBody(rotationSchema),
    answers: { 200: { description: 'Rotated.', schema: rotatedSchema } },
    errors: ['HEADGATE_NOT_ROTATABLE', 'HEADGATE_IN_USE', 'HEADGATE_UNAVAILABLE', 'HEADGATE_STORE_FULL'],
    async handle(request) {
      const { overlap } = accept(parseRotation(request.body));
      const token = await joinTokens.rotate({ ...authorOf(request), overlapMs: durationMs(overlap, HOUR_MS) });
      return { status: 200, body: { ...(joinTokenItem(joinTokens.status) as object), token } };
    },
  });
}

function parseRotation(content: unknown): Checked<z.output<typeof rotationSchema>> {
  const result = checkSchema(rotationSchema, content);
  return result.ok ? result : { ok: false, faults: limitFaults(result.faults) };
}
