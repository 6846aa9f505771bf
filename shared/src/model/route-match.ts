import { z } from 'zod';
import {
  headerNameRule,
  headerValueRule,
  maxConditions,
  methodRule,
  parameterNameRule,
  parameterValueRule,
  pathRule,
  type RouteConditions,
  type TextRule,
} from './route-conditions.ts';

const PATH_MESSAGE = 'is not a path — begin with "/", at most 2,048 visible ASCII characters, without "?" and "#"';
const METHOD_MESSAGE =
  'is not a method to match — use one in upper case, such as GET; CONNECT and TRACE are not served';
const HEADER_MESSAGE =
  'is not the name of a header to match — use at most 128 letters, digits and hyphens; the host is matched by "host"';
const HEADER_VALUE_MESSAGE =
  'is not the value of a header — use at most 1,024 printable ASCII characters without spaces around them';
const PARAMETER_MESSAGE =
  'is not the name of a query parameter — use it decoded, 1 to 256 characters without control characters';
const PARAMETER_VALUE_MESSAGE =
  'is not the value of a query parameter — use it decoded, at most 1,024 characters without control characters';

function textSchema({ minLength, maxLength, pattern }: TextRule, message: string) {
  return z.string({ error: message }).min(minLength, message).max(maxLength, message).regex(pattern, message);
}

const pathSchema = textSchema(pathRule, PATH_MESSAGE);

const pathMatchSchema = z
  .union([z.strictObject({ exact: pathSchema }), z.strictObject({ prefix: pathSchema })], {
    error: 'is not a path match — write {"exact": "/path"} or {"prefix": "/path"}',
  })
  .meta({ id: 'PathMatch', description: 'A prefix matches whole path elements: /api matches /api/x, not /apis.' });

/** A method as routes match it. */
export const methodSchema = textSchema(methodRule, METHOD_MESSAGE);

const presentSchema = z.literal(true, { error: 'is not true — write "present": true, or "exact" with a value' });

function namedMatchSchema(name: z.ZodString, exact: z.ZodString) {
  return z.union([z.strictObject({ name, exact }), z.strictObject({ name, present: presentSchema })], {
    error: 'is not a condition — write {"name": "canary", "exact": "yes"} or {"name": "canary", "present": true}',
  });
}

const headerMatchSchema = namedMatchSchema(
  textSchema(headerNameRule, HEADER_MESSAGE),
  textSchema(headerValueRule, HEADER_VALUE_MESSAGE),
).meta({ id: 'HeaderMatch' });

const queryMatchSchema = namedMatchSchema(
  textSchema(parameterNameRule, PARAMETER_MESSAGE),
  textSchema(parameterValueRule, PARAMETER_VALUE_MESSAGE),
).meta({ id: 'QueryMatch' });

/** A list of conditions that names each thing once; `canonical` gives the one spelling of a name. */
function conditionsSchema(condition: ReturnType<typeof namedMatchSchema>, canonical: (name: string) => string) {
  return z
    .array(condition, { error: 'is not a list of conditions — write [{"name": "canary", "present": true}]' })
    .max(maxConditions, `has more than ${maxConditions} conditions — remove some`)
    .superRefine((conditions, context) => {
      const names = new Set<string>();
      for (const [index, { name }] of conditions.entries()) {
        const message = 'is named by the match already — keep one of the two';
        if (names.has(canonical(name))) context.addIssue({ code: 'custom', path: [index, 'name'], message });
        names.add(canonical(name));
      }
    });
}

/** What a route asks of a request. No regular expressions: a client could make them slow. */
export const routeMatchSchema = z
  .strictObject({
    path: pathMatchSchema.optional(),
    method: methodSchema.optional().meta({ description: 'This one alone. Default: any.', examples: ['GET'] }),
    headers: conditionsSchema(headerMatchSchema, inLowerCase)
      .optional()
      .meta({ description: 'As the client sent them, in any case; several of one name are joined with ", ".' }),
    query: conditionsSchema(queryMatchSchema, (name) => name)
      .optional()
      .meta({ description: 'Decoded; of parameters with one name the first counts.' }),
  })
  .meta({ id: 'RouteMatch', description: 'All that is named must hold.' });

export type RouteMatchDocument = z.infer<typeof routeMatchSchema>;

function inLowerCase(name: string): string {
  return name.toLowerCase();
}

/** The document in its one spelling: names of headers are the same in any case. */
export function canonicalRouteMatch(match: RouteMatchDocument): RouteMatchDocument {
  if (match.headers === undefined) return match;
  return { ...match, headers: match.headers.map((header) => ({ ...header, name: inLowerCase(header.name) })) };
}

/** The document as data planes know it. */
export function resolveRouteMatch(match: RouteMatchDocument = {}): RouteConditions {
  return { path: match.path, method: match.method, headers: match.headers, query: match.query };
}
