import { nameSchema } from '@headgate/shared/model/name';
import { z } from 'zod';
import { listServerHealth, type ListedServer } from '../../fleet/list-server-health.ts';
import { notFound } from '../../intent/precondition.ts';
import { splitServerName } from '../../intent/server-name.ts';
import { healthCountsSchema, sumOfCounts } from '../health-counts.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageQuery, sortedNames } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';
import { serverHealthItem, serverHealthSchema, statusSchema } from '../server-health-item.ts';
import { switchSchema } from '../switch-schema.ts';
import { take } from '../take.ts';

/** Data planes that are named for each server. */
const MOST_NAMED = 20;
/** A page looks at so many data planes at most, over all of its servers. */
const MOST_LOOKS = 200_000;

const healthQuery = pageQuery.extend({
  after: z
    .string()
    .max(200, 'is too long — use the next of the page before')
    .regex(/^[^/]+\/.+$/, 'is not the end of a page — use the next of the page before')
    .transform(splitServerName)
    .optional()
    .meta({ description: 'The next of the page before.' }),
  all: switchSchema('Lists every server, also those of which nobody says anything but healthy.'),
  backend: nameSchema.optional().meta({ description: 'Servers of this backend alone.' }),
  status: statusSchema.optional(),
});

const pageSchema = z
  .object({
    counts: healthCountsSchema.meta({ description: 'Of all servers, or of the backend that was asked for.' }),
    items: z.array(serverHealthSchema),
    next: z.string().optional().meta({ description: 'What to send as after for the next page; absent on the last.' }),
  })
  .meta({ id: 'ServerHealthPage' });

export function listHealth({
  desired,
  register,
  health,
  load,
}: Pick<ApiRooms, 'desired' | 'register' | 'health' | 'load'>): Operation {
  return defineOperation({
    operationId: 'listHealth',
    method: 'get',
    path: '/api/v1/health',
    tag: 'health',
    summary: 'Lists servers that a data plane does not hold for healthy, and who says what; with all=true every server',
    scope: 'read',
    query: healthQuery,
    answers: { 200: { description: 'One page, by backend and address:port.', schema: pageSchema } },
    errors: ['HEADGATE_NOT_FOUND'],
    handle({ query: { limit, after, all, backend, status } }) {
      const state = desired.state.value;
      if (backend !== undefined && !state.backends.has(backend)) throw notFound(`backend ${backend}`);
      const backends = backend === undefined ? sortedNames(state.backends) : [backend];
      const subjects = all || backend !== undefined ? backends : [...health.backends()].sort();
      const most = Math.max(1, Math.min(limit, Math.floor(MOST_LOOKS / Math.max(1, register.size))));
      const question = { backends: subjects, status, all, after };
      const found = take(listServerHealth(question, { intent: state, health }), most + 1);
      const sources = { intent: state, register, health, load };
      const items = found.slice(0, most).map((server) => serverHealthItem(server, sources, MOST_NAMED));
      const counts = sumOfCounts(backends.map((name) => health.counts(name)));
      return {
        status: 200,
        body: { counts, items, ...(found.length > most ? { next: nameOf(found[most - 1]!) } : {}) },
      };
    },
  });
}

function nameOf({ backend, endpoint }: ListedServer): string {
  return `${backend}/${endpoint}`;
}
