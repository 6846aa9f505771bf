import { z } from 'zod';
import { nameSchema } from './name.ts';
import { wholeNumberSchema } from './whole-number.ts';

/** Backends among which one route may share its requests. */
export const maxSplit = 16;
export const maxSplitWeight = 1_000;

/** One of several backends among which a route shares its requests out. */
export interface WeightedBackend {
  readonly name: string;
  /** Compared with the others; 0 for none of the requests. */
  readonly weight: number;
}

const weightedBackendSchema = z
  .strictObject({
    name: nameSchema,
    weight: wholeNumberSchema('a weight', 0, maxSplitWeight)
      .optional()
      .meta({ description: 'Share of the requests, compared with the others; 0 for none. Default 1.' }),
  })
  .meta({ id: 'WeightedBackend' });

/** Several backends of one route: each once, not all with the weight 0. */
export const splitSchema = z
  .array(weightedBackendSchema, { error: 'is not a list of backends — write [{"name": "web", "weight": 9}]' })
  .min(1, 'has no backends — name at least one')
  .max(maxSplit, `has more than ${maxSplit} backends — remove some`)
  .superRefine((backends, context) => {
    const names = new Set<string>();
    for (const [index, { name }] of backends.entries()) {
      const message = 'is named by the route already — add its weights up in one entry';
      if (names.has(name)) context.addIssue({ code: 'custom', path: [index, 'name'], message });
      names.add(name);
    }
    const message = 'gives every backend the weight 0 — give one of them more';
    if (backends.length > 0 && backends.every(({ weight }) => weight === 0))
      context.addIssue({ code: 'custom', message });
  });

export type SplitDocument = z.infer<typeof splitSchema>;

/** The document with its defaults. */
export function resolveSplit(split: SplitDocument): readonly WeightedBackend[] {
  return split.map(({ name, weight = 1 }) => ({ name, weight }));
}
