import { HeadgateError } from '@headgate/shared/error';
import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

export function getReadyz({ readiness }: Pick<ApiRooms, 'readiness'>): Operation {
  return defineOperation({
    operationId: 'getReadyz',
    method: 'get',
    path: '/readyz',
    tag: 'status',
    summary: 'Whether changes can be stored and data planes can connect',
    scope: 'open',
    answers: { 200: { description: 'They can.', schema: z.object({ status: z.literal('ok') }) } },
    errors: ['HEADGATE_UNAVAILABLE'],
    async handle() {
      const unready = await readiness.unready();
      if (unready.length === 0) return { status: 200, body: { status: 'ok' } };
      throw new HeadgateError('HEADGATE_UNAVAILABLE', `Not ready: ${unready.map(({ name }) => name).join(', ')}`, {
        faults: unready.map(({ name, reason }) => ({
          pointer: '',
          code: `${name}_not_ready`,
          detail: reason,
          fix: 'look at the log of the control plane if it stays so',
        })),
      });
    },
  });
}
