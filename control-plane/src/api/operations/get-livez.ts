import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';

export function getLivez(): Operation {
  return defineOperation({
    operationId: 'getLivez',
    method: 'get',
    path: '/livez',
    tag: 'status',
    summary: 'Whether the process answers',
    scope: 'open',
    answers: { 200: { description: 'It does.', schema: z.object({ status: z.literal('ok') }).meta({ id: 'Status' }) } },
    handle: () => ({ status: 200, body: { status: 'ok' } }),
  });
}
