import type { z } from 'zod';
import type { Fault } from './fault.ts';
import { schemaFaults, type CheckedInput } from './schema-faults.ts';

/** What a schema makes of an input. Faults are made while they are read, and can be read once. */
export type SchemaResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: Iterable<Fault> };

/** Checks an input against one of the model's schemas; `path` is where it stands in the whole document. */
export function checkSchema<T>(schema: z.ZodType<T>, input: unknown, path: CheckedInput['path'] = []): SchemaResult<T> {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, faults: schemaFaults({ schema, input, path }, result.error.issues) };
}
