import { z } from 'zod';
import { configurationWarnings } from '../intent/configuration-warnings.ts';
import { diffPage } from '../intent/diff-page.ts';
import type { Rehearsal } from '../intent/rehearsal.ts';
import { touchedSubjects } from '../intent/touched-subjects.ts';
import type { WholeBackend } from '../intent/whole-backend.ts';
import { diffShape } from './diff-item.ts';
import { faultSchema } from './problem.ts';
import type { Reply } from './reply.ts';
import { take } from './take.ts';
import { warningSchema } from './warning-item.ts';

const MOST_SHOWN = 1_000;

/** The answer of a write with `?dryRun=true`. */
export const dryRunSchema = z
  .object({
    dryRun: z.literal(true),
    wouldChange: z.boolean().meta({ description: 'False when the content is equal to what there is.' }),
    revision: z.int().meta({ description: 'The revision on which it was worked out.' }),
    diff: z.object(diffShape),
    warnings: z
      .array(warningSchema)
      .meta({ description: 'About what the change touches, as it would be then; a thousand at most.' }),
    guard: z
      .object({
        allowed: z.boolean().meta({ description: 'Whether the change would pass without force=true.' }),
        reasons: z.array(faultSchema),
      })
      .meta({ description: 'What the change guard says.' }),
  })
  .meta({ id: 'DryRun', description: 'What a write would do. Nothing was changed.' });

/** The answer that tells what a write would do; `whole` shows what others bring. */
export function dryRunReply({ before, after, objects, guardReasons }: Rehearsal, whole: WholeBackend): Reply {
  const { next: _next, ...diff } = diffPage(objects, { limit: MOST_SHOWN });
  const backends = { get: (name: string) => whole(name, after) };
  const warnings = configurationWarnings({ ...after, backends }, touchedSubjects(objects));
  const body: z.input<typeof dryRunSchema> = {
    dryRun: true,
    wouldChange: objects.length > 0,
    revision: before.revision,
    diff: diff as z.input<typeof dryRunSchema>['diff'],
    warnings: [...take(warnings, MOST_SHOWN)],
    guard: { allowed: guardReasons.length === 0, reasons: guardReasons.slice(0, MOST_SHOWN) },
  };
  return { status: 200, body };
}
