import { z } from 'zod';

/** What a schema says of one object. */
export interface SchemaFields {
  /** The schema's `id`, when it has one: `Server`, `RouteMatch`… */
  readonly id: string | undefined;
  readonly fields: readonly string[];
}

/** The schema without what makes it optional. */
export function bareSchema(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? bareSchema(schema.unwrap()) : schema;
}

/** The schemas that could describe the place `path` below a value of `schema`, chosen by what the value is. */
export function schemasAt(
  schema: z.core.$ZodType,
  value: unknown,
  path: readonly PropertyKey[],
): readonly z.core.$ZodType[] {
  const options = optionsFor(bareSchema(schema), value);
  const [part, ...rest] = path;
  if (part === undefined) return options;
  return options.flatMap((option) => {
    const child = childOf(option, part);
    return child === undefined ? [] : schemasAt(child, valueAt(value, [part]), rest);
  });
}

/** The fields that an object at `path` may have. */
export function fieldsAt(schema: z.core.$ZodType, value: unknown, path: readonly PropertyKey[]): SchemaFields {
  const objects = schemasAt(schema, value, path).filter((candidate) => candidate instanceof z.ZodObject);
  return {
    id: objects.map((object) => object.meta()?.id).find((id) => id !== undefined),
    fields: [...new Set(objects.flatMap((object) => Object.keys(object.shape)))],
  };
}

/** The fields of an object's schema. */
export function shapeOf(schema: z.ZodObject): Readonly<Record<string, z.core.$ZodType>> {
  return schema.shape;
}

/** What stands at `path`; undefined when there is nothing. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[part];
  }
  return current;
}

/** The branches of a union that the value may have meant: by its discriminator when that is a known one, else all. */
function optionsFor(schema: z.core.$ZodType, value: unknown): readonly z.core.$ZodType[] {
  if (!(schema instanceof z.ZodUnion)) return [schema];
  const options = schema.options.map(bareSchema);
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return options;
  const { discriminator } = schema.def;
  const meant = valueAt(value, [discriminator]);
  const chosen = options.filter((option) => {
    const literal = option instanceof z.ZodObject ? shapeOf(option)[discriminator] : undefined;
    return literal instanceof z.ZodLiteral && literal.values.has(meant as z.core.util.Literal);
  });
  return chosen.length > 0 ? chosen : options;
}

function childOf(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element;
  if (!(schema instanceof z.ZodObject) || !Object.hasOwn(shapeOf(schema), part)) return undefined;
  return shapeOf(schema)[String(part)];
}
