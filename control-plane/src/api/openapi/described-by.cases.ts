import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

/** What a caller gets; the body is parsed when it is JSON. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

type Json = Readonly<Record<string, unknown>>;

interface DescribedAnswer {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
}

interface DescribedOperation {
  readonly responses: Readonly<Record<string, DescribedAnswer>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Json };
}

/**
 * Holds answers against an OpenAPI description as a reader of it would, by its JSON Schemas alone: status, headers,
 * content type and content. What no operation answers (unknown paths and methods) is not looked at.
 */
export function describedBy(document: unknown): (method: string, path: string, got: Got) => void {
  const { paths, components } = JSON.parse(JSON.stringify(document)) as Description;
  return (method, path, got) => {
    const operation = operationOf(paths, method, path);
    if (operation === undefined || got.status === 405) return;
    const answer = operation.responses[String(got.status)];
    if (answer === undefined) throw new Error(`${method} ${path} answers ${got.status}, which is not described`);
    for (const [name, { required }] of Object.entries(answer.headers ?? {})) {
      if (required === true && got.headers[name.toLowerCase()] === undefined)
        throw new Error(`${method} ${path} lacks the header ${name}`);
    }
    if (method !== 'HEAD') assertContent(`${method} ${path}`, answer, { components, got });
  };
}

function operationOf(paths: Description['paths'], method: string, path: string): DescribedOperation | undefined {
  const target = path.replace(/\?.*$/, '');
  const name = method === 'HEAD' ? 'get' : method.toLowerCase();
  const template = Object.keys(paths).find((known) => new RegExp(`^${patternOf(known)}$`).test(target));
  return template === undefined ? undefined : paths[template]?.[name];
}

function patternOf(template: string): string {
  return template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
}

function assertContent(
  place: string,
  { content }: DescribedAnswer,
  { components, got }: { readonly components: Description['components']; readonly got: Got },
): void {
  const type = (got.headers['content-type'] ?? '').replace(/;.*/, '');
  if (content === undefined) {
    if (type === '' && got.body === '') return;
    throw new Error(`${place} answers ${got.status} with content, which is not described`);
  }
  const described = content[type];
  if (described === undefined) throw new Error(`${place} answers ${got.status} as "${type}", which is not described`);
  const result = schemaOf(described.schema, components.schemas).safeParse(got.body);
  if (!result.success) throw new Error(`${place} answers what is not described: ${result.error.message}`);
}

function schemaOf(schema: Json, definitions: Json): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: definitions }).replaceAll('#/components/schemas/', '#/$defs/');
  return z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);
}
