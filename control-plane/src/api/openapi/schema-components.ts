import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * Turns zod schemas into JSON Schema and collects those with an id as components. Input is described, not output: it is
 * what a caller writes, and transforms have no JSON Schema.
 */
export class SchemaComponents {
  readonly #components = new Map<string, JsonSchema>();

  /** The schema, with references into the components. */
  add(schema: z.ZodType): JsonSchema {
    const { $schema: _dialect, $defs = {}, ...own } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
    for (const [id, component] of Object.entries($defs)) this.#components.set(id, relocate(component) as JsonSchema);
    return relocate(own) as JsonSchema;
  }

  /** All that was collected, by id. */
  all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, relocateMember(key, member)]));
}

function relocateMember(key: string, member: unknown): unknown {
  if (key !== '$ref' || typeof member !== 'string') return relocate(member);
  return member.replace(/^#\/\$defs\//, '#/components/schemas/');
}
