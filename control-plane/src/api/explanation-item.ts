import { z } from 'zod';
import type { ExplainedBy } from '../explain/explain-request.ts';

const answerSchema = z
  .object({ status: z.int(), reason: z.string() })
  .meta({ description: 'What the data plane answers itself, see errors.md.' });

const candidateSchema = z
  .looseObject({
    server: z.string().meta({ description: 'address:port' }),
    weight: z.number(),
    effectiveWeight: z.number().meta({ description: 'Below weight while it starts slowly.' }),
    priority: z.int(),
    zone: z.string(),
    state: z.string(),
    verdict: z.string(),
    ejected: z.boolean(),
    since: z.string().optional(),
    lastError: z.string(),
    inFlight: z.int(),
    in: z.boolean().meta({ description: 'Whether a request without a session may go there.' }),
    reason: z.string().optional().meta({
      description: 'Why not: draining, disabled, unhealthy, ejected, at_limit, gone or lower_tier.',
    }),
  })
  .meta({ id: 'ExplainedCandidate' });

const backendSchema = z
  .looseObject({
    backend: z.string(),
    share: z.number().meta({ description: 'Of requests like this one, from 0 to 1.' }),
    algorithm: z.string(),
    failsOpen: z.boolean().meta({ description: 'Whether health counts for nothing because nobody is healthy.' }),
    session: z
      .looseObject({ decision: z.string(), server: z.string().optional(), reason: z.string().optional() })
      .optional()
      .meta({ description: 'none: the backend has no sessions. kept, moved (from the server, and why) or new.' }),
    pick: z
      .looseObject({
        server: z.string().optional(),
        certain: z
          .boolean()
          .optional()
          .meta({ description: 'false: lots are drawn, and this is one possible result.' }),
        queued: z.boolean().optional(),
        answer: answerSchema.optional(),
      })
      .meta({ description: 'The server that would get the request, or why none does.' }),
    candidates: z.array(candidateSchema),
    moreCandidates: z.int().meta({ description: 'A thousand are shown, over all backends.' }),
  })
  .meta({ id: 'ExplainedBackend' });

/** Of data planes of any release: what they say beyond this is passed on. */
const explanationSchema = z
  .looseObject({
    epoch: z.string(),
    version: z.int().meta({ description: 'What the data plane serves.' }),
    request: z
      .looseObject({ method: z.string(), target: z.string(), authority: z.string(), clientAddress: z.string() })
      .optional()
      .meta({ description: 'In the spelling that everything is decided by; absent when it cannot be read.' }),
    answer: answerSchema.optional(),
    host: z.string().optional().meta({ description: 'The pattern of the host that matches.' }),
    route: z.int().optional().meta({ description: 'Which of its routes, from 0.' }),
    backends: z.array(backendSchema),
  })
  .meta({ id: 'Explanation' });

const itemSchema = z
  .object({
    dataPlane: z.string(),
    explanation: explanationSchema.optional(),
    error: z
      .object({ code: z.string(), detail: z.string() })
      .optional()
      .meta({ description: 'Why it says nothing, when several were asked.' }),
  })
  .meta({ id: 'ExplainedBy' });

/** What the data planes that were asked say. */
export const explanationsSchema = z
  .object({
    items: z.array(itemSchema),
    moreDataPlanes: z.int().meta({ description: 'How many were not asked.' }),
  })
  .meta({ id: 'Explanations' });

/** How the API shows what one data plane says. */
export function explanationItem(item: ExplainedBy): object {
  const { dataPlane } = item;
  if ('explanation' in item) return { dataPlane, explanation: item.explanation };
  return { dataPlane, error: { code: item.error.code, detail: item.error.message } };
}
