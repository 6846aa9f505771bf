import { z } from 'zod';
import { defineOperation, type Operation } from '../operation.ts';
import type { ApiRooms } from '../rooms.ts';

export function getMetrics({ metrics }: Pick<ApiRooms, 'metrics'>): Operation {
  return defineOperation({
    operationId: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag: 'status',
    summary: "Metrics in Prometheus' text format",
    scope: 'open',
    answers: { 200: { description: 'All metrics.', schema: z.string(), contentType: 'text/plain' } },
    async handle() {
      return { status: 200, body: await metrics.metrics(), contentType: metrics.contentType };
    },
  });
}
