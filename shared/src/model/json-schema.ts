import { z } from 'zod';
import { configurationSchema } from './configuration.ts';

/** A JSON Schema document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema (draft 2020-12) of a native configuration file, for editors and for checks before a file is sent. It
 * tells structure, ranges and spelling; references between objects are checked by the control plane alone.
 */
export function configurationJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configurationSchema, { target: 'draft-2020-12', io: 'input' });
  return { ...schema, title: 'Headgate configuration' };
}
