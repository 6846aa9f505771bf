import { z } from 'zod';
import { intentKinds } from '../store/store.ts';

const side = (when: string): z.ZodOptional<z.ZodUnknown> =>
  z
    .unknown()
    .optional()
    .meta({ description: `What stood there ${when}; absent when nothing did.` });

const fieldChangeSchema = z
  .object({
    pointer: z.string().meta({ description: 'JSON pointer (RFC 6901) into the object.' }),
    before: side('before'),
    after: side('afterwards'),
  })
  .meta({ id: 'FieldChange' });

const documentDiffSchema = z
  .object({
    kind: z.enum(intentKinds),
    name: z.string().meta({
      description:
        'The name of the backend, backend/address:port of a server or an override, or the pattern of the host.',
    }),
    change: z.enum(['added', 'removed', 'changed']),
    before: z.unknown().optional().meta({ description: 'The object, when it was removed.' }),
    after: z.unknown().optional().meta({ description: 'The object, when it was added.' }),
    fields: z.array(fieldChangeSchema).optional().meta({
      description: 'Every place that differs, when it was changed. A list of another length differs as a whole.',
    }),
  })
  .meta({ id: 'DocumentDiff' });

const changeCountsSchema = z
  .object({ added: z.int(), changed: z.int(), removed: z.int() })
  .meta({ id: 'ChangeCounts' });

/** How many objects of each kind differ. */
export const countsSchema = z
  .object({
    backend: changeCountsSchema,
    server: changeCountsSchema,
    override: changeCountsSchema,
    host: changeCountsSchema,
  })
  .meta({ id: 'Counts', description: 'How many objects of each kind were added, changed and removed.' });

/** A semantic diff, or a part of one. */
export const diffShape = {
  counts: countsSchema,
  items: z.array(documentDiffSchema).meta({ description: 'What differs, by kind and name.' }),
  truncated: z.int().meta({ description: 'How many more objects differ that are not shown.' }),
};
