import { z } from 'zod';
import type { RevisionSummary } from '../store/store.ts';
import { countsSchema } from './diff-item.ts';

const REVISION_MESSAGE = 'is not a revision — use a whole number from 0 up, or newest';

/** A revision as a parameter; undefined is the newest. */
export const revisionParameter = z
  .string()
  .regex(/^(newest|0|[1-9]\d{0,14})$/, REVISION_MESSAGE)
  .transform((text) => (text === 'newest' ? undefined : Number(text)))
  .meta({ description: 'A number, or newest.', examples: ['newest'] });

/** `{revision}` of the path. */
export const revisionParams = z.strictObject({ revision: revisionParameter });

export const revisionShape = {
  revision: z.int(),
  version: z.int().meta({ description: 'The version in which data planes got it.' }),
  at: z.iso.datetime().meta({ description: 'When it was made durable.' }),
  author: z.string().meta({ description: 'Who: the name of the token.' }),
  message: z.string().meta({ description: 'Why; empty when nothing was said.' }),
  counts: countsSchema,
};

/** Who changed how much, when and why. */
export const revisionSchema = z.object(revisionShape).meta({ id: 'Revision' });

export function revisionItem({
  revision,
  version,
  at,
  author,
  message,
  counts,
}: RevisionSummary): z.input<typeof revisionSchema> {
  return { revision, version, at: new Date(at).toISOString(), author, message, counts };
}
