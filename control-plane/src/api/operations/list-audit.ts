import { z } from 'zod';
import { auditItem, auditSchema } from '../audit-item.ts';
import { defineOperation, type Operation } from '../operation.ts';
import { pageQuery, pageSchema } from '../page.ts';
import type { ApiRooms } from '../rooms.ts';

const AFTER_MESSAGE = 'is no place in the audit log — use the next of the page before';
const NAME_MESSAGE = 'is too long — use at most 63 characters';

const auditQuery = z.strictObject({
  limit: pageQuery.shape.limit,
  after: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, AFTER_MESSAGE)
    .transform(Number)
    .optional()
    .meta({ description: 'The next of the page before.' }),
  outcome: z
    .enum(['written', 'refused'], 'is not known here — use written or refused')
    .optional()
    .meta({ description: 'Only these.' }),
  actor: z.string().max(63, NAME_MESSAGE).optional().meta({ description: 'Only of the token of this name.' }),
  operation: z.string().max(63, NAME_MESSAGE).optional().meta({ description: 'Only of this operationId.' }),
});

export function listAudit({ audit }: Pick<ApiRooms, 'audit'>): Operation {
  return defineOperation({
    operationId: 'listAudit',
    method: 'get',
    path: '/api/v1/audit',
    tag: 'audit',
    summary: 'Lists who has changed what and who was refused what, the newest first',
    scope: 'admin',
    query: auditQuery,
    answers: { 200: { description: 'One page.', schema: pageSchema('AuditPage', auditSchema) } },
    errors: ['HEADGATE_UNAVAILABLE'],
    async handle({ query: { limit, after, ...filter } }) {
      const found = await audit.read({ ...filter, before: after, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const next = found.length > limit ? { next: String(shown.at(-1)!.id) } : {};
      return { status: 200, body: { items: shown.map(auditItem), ...next } };
    },
  });
}
