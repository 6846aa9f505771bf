import { errorCatalogue, type ErrorCode } from '@headgate/shared/error';
import type { z } from 'zod';
import { scopeTemplates } from '../scope.ts';
import type { AnswerDefinition, BodyDefinition, Operation } from '../operation.ts';
import { problemSchema } from '../problem.ts';
import { errorsOf } from './errors-of.ts';
import { SchemaComponents, type JsonSchema } from './schema-components.ts';

const DESCRIPTION = [
  'Every answer that is no success is a problem document (RFC 9457). HEAD answers wherever GET does.',
  'Unknown paths answer 404, unknown methods 405 with Allow, heads beyond 16 KiB 431.',
].join(' ');

/** The OpenAPI 3.1 description of operations, made from the schemas by which their requests are checked. */
export function buildOpenApi(operations: readonly Operation[]): Readonly<Record<string, unknown>> {
  const components = new SchemaComponents();
  const problem = components.add(problemSchema);
  const paths = [...Map.groupBy(operations, ({ path }) => path)].map(([path, members]) => {
    return [path, Object.fromEntries(members.map((member) => [member.method, describe(member, components, problem)]))];
  });
  return {
    openapi: '3.1.1',
    info: { title: 'Headgate control plane', version: '1', description: DESCRIPTION },
    servers: [{ url: '/' }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: Object.fromEntries(paths) as unknown,
    components: {
      schemas: components.all(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function describe(operation: Operation, components: SchemaComponents, problem: JsonSchema): unknown {
  const { operationId, tag, summary, body } = operation;
  return {
    operationId,
    tags: [tag],
    summary,
    security: securityOf(operation),
    // Any of these suffices, and so does one that includes it: write includes read, admin includes all.
    ...(operation.scope === 'open' ? {} : { 'x-headgate-scopes': scopeTemplates(operation) }),
    parameters: [
      ...parametersOf('path', operation.params, components),
      ...parametersOf('query', operation.query, components),
      ...parametersOf('header', operation.headers, components),
    ],
    ...(body === undefined ? {} : { requestBody: requestBodyOf(body, components) }),
    responses: { ...answersOf(operation, components), ...failuresOf(operation, components, problem) },
  };
}

/** An empty requirement beside others says that none is needed by everybody. */
function securityOf({ scope, admission }: Operation): readonly unknown[] {
  if (scope === 'open') return [];
  return admission === undefined ? [{ token: [] }] : [{ token: [] }, {}];
}

function requestBodyOf(
  { schema, description, mediaTypes, optional = false }: BodyDefinition,
  components: SchemaComponents,
): unknown {
  const content = contentOf(mediaTypes, components.add(schema));
  return { required: !optional, ...(description === undefined ? {} : { description }), content };
}

function parametersOf(place: string, schema: z.ZodObject, components: SchemaComponents): readonly unknown[] {
  const { properties = {}, required = [] } = components.add(schema);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...own } = property as JsonSchema;
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: own,
    };
  });
}

function answersOf({ answers }: Operation, components: SchemaComponents): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer, components)]));
}

function answerOf(
  { description, schema, contentType, headers, optionalHeaders }: AnswerDefinition,
  components: SchemaComponents,
): unknown {
  const described = { ...headersOf(headers ?? {}, true), ...headersOf(optionalHeaders ?? {}, false) };
  return {
    description,
    ...(Object.keys(described).length === 0 ? {} : { headers: described }),
    ...(schema === undefined
      ? {}
      : { content: contentOf([contentType ?? 'application/json'], components.add(schema)) }),
  };
}

function failuresOf(
  operation: Operation,
  components: SchemaComponents,
  problem: JsonSchema,
): Readonly<Record<string, unknown>> {
  const { failureWords } = operation;
  const own = failureWords === undefined ? {} : contentOf(['application/json'], components.add(failureWords.schema));
  const content = { ...own, ...contentOf(['application/problem+json'], problem) };
  const byStatus = Object.entries(Object.groupBy(new Set(errorsOf(operation)), (code) => errorCatalogue[code].status));
  return Object.fromEntries(byStatus.map(([status, codes = []]) => [status, failureOf(codes, content)]));
}

const headersByCode: Readonly<Partial<Record<ErrorCode, Readonly<Record<string, string>>>>> = {
  HEADGATE_UNAUTHENTICATED: { 'WWW-Authenticate': 'Bearer' },
  HEADGATE_TOO_MANY_ATTEMPTS: { 'Retry-After': 'How long to wait, in seconds.' },
  HEADGATE_ROTATING: { 'Retry-After': 'How long to wait, in seconds.' },
};

function failureOf(codes: readonly ErrorCode[], content: Readonly<Record<string, unknown>>): unknown {
  const description = codes.map((code) => `${code}: ${errorCatalogue[code].title}.`).join(' ');
  const headers = Object.assign({}, ...codes.map((code) => headersByCode[code] ?? {})) as Readonly<
    Record<string, string>
  >;
  return {
    description,
    ...(Object.keys(headers).length === 0 ? {} : { headers: headersOf(headers, true) }),
    content,
  };
}

function headersOf(headers: Readonly<Record<string, string>>, required: boolean): Readonly<Record<string, unknown>> {
  const headerOf = (description: string): unknown => ({ description, required, schema: { type: 'string' } });
  return Object.fromEntries(Object.entries(headers).map(([name, description]) => [name, headerOf(description)]));
}

function contentOf(mediaTypes: readonly string[], schema: JsonSchema): Readonly<Record<string, unknown>> {
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
}
