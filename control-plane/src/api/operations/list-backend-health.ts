import { z } from 'zod';
import { healthCountsSchema, sumOfCounts } from '../health-counts.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageOf, pageQuery, pageSchema, sortedNames } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';
import { switchSchema } from '../switch-schema.ts';

const backendHealthSchema = z
  .object({ backend: z.string(), counts: healthCountsSchema })
  .meta({ id: 'BackendHealth', description: 'How many servers of a backend stand how.' });

export function listBackendHealth({ desired, health }: Pick<ApiRooms, 'desired' | 'health'>): Operation {
  return defineOperation({
    operationId: 'listBackendHealth',
    method: 'get',
    path: '/api/v1/health/backends',
    tag: 'health',
    summary:
      'Lists backends that have servers which a data plane does not hold for healthy; with all=true every backend',
    scope: 'read',
    query: pageQuery.extend({ all: switchSchema('Lists every backend.') }),
    answers: {
      200: { description: 'One page, by name.', schema: pageSchema('BackendHealthPage', backendHealthSchema) },
    },
    handle({ query }) {
      const { backends } = desired.state.value;
      const names = query.all
        ? sortedNames(backends)
        : [...health.backends()].filter((name) => backends.has(name)).sort();
      const page = pageOf(names, query, (backend) => ({ backend, counts: sumOfCounts([health.counts(backend)]) }));
      return { status: 200, body: page };
    },
  });
}
