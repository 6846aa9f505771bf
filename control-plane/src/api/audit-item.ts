import { z } from 'zod';
import type { StoredAuditEntry } from '../store/access-store.ts';

/** An entry of the audit log. */
export const auditSchema = z
  .object({
    id: z.int().meta({ description: 'Grows from entry to entry.' }),
    at: z.iso.datetime(),
    outcome: z.enum(['written', 'refused']),
    actor: z.string().optional().meta({ description: 'Name of the token; absent when nobody was known.' }),
    operation: z.string().meta({ description: 'The operationId; "" when it was no request, none when there is none.' }),
    objects: z.array(z.string()).meta({ description: 'What it was about, as kind/name; the first twenty.' }),
    changes: z.int().meta({ description: 'How many objects a write has changed.' }),
    revision: z.int().optional().meta({ description: 'The revision that a write of the configuration has made.' }),
    message: z.string(),
    remote: z.string().meta({ description: "The caller's address." }),
    code: z.string().optional().meta({ description: 'Why it was refused.' }),
    count: z.int().meta({ description: 'How many requests: refusals that are alike within seconds are one entry.' }),
  })
  .meta({ id: 'AuditEntry' });

/** How the API shows an entry of the audit log. */
export function auditItem(entry: StoredAuditEntry): z.input<typeof auditSchema> {
  const { id, at, outcome, operation, objects, changes, message, remote, count } = entry;
  const { actor, revision, code } = entry;
  return {
    ...{ id, at: new Date(at).toISOString(), outcome },
    ...(actor === undefined ? {} : { actor }),
    ...{ operation, objects: [...objects], changes, message, remote, count },
    ...(revision === undefined ? {} : { revision }),
    ...(code === undefined ? {} : { code }),
  };
}
