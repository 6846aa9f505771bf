import { z } from 'zod';
import { readArticleHealthCheck } from './article-health-check.ts';
import { serverListMax, type BackendDocument } from './backend.ts';
import { checkSchema, type SchemaResult } from './check-schema.ts';
import type { Fault } from './fault.ts';
import { fieldOf } from './field-of.ts';
import type { HealthCheckDocument } from './health-check.ts';
import { hostPatternSchema, type HostDocument } from './host.ts';
import { nameSchema } from './name.ts';
import { serverSchema } from './server.ts';

/*
 * Article 001's JSON: backends with `backend_name`, `health_check` and servers with `addr`; hosts with `backend_name`.
 * It is strict as the native spelling is, and faults point into it as it was written. Servers are balanced by weight,
 * which is the default.
 */

const articleServerSchema = z
  .strictObject({
    addr: serverSchema.shape.address,
    port: serverSchema.shape.port,
    weight: serverSchema.shape.weight,
  })
  .meta({ id: 'ArticleServer' });

const articleBackendSchema = z
  .strictObject({
    backend_name: nameSchema,
    // Checked apart: the unit of its numbers depends on what is in it.
    health_check: z.unknown().optional(),
    servers: z
      .array(articleServerSchema, { error: 'is not a list of servers — write [{"addr": "10.0.0.11", "port": 8080}]' })
      .max(...serverListMax)
      .optional(),
  })
  .meta({ id: 'ArticleBackend' });

const articleHostSchema = z
  .strictObject({ host: hostPatternSchema, backend_name: nameSchema })
  .meta({ id: 'ArticleHost' });

/** A backend as article 001 writes it, in the native spelling. */
export function readArticleBackend(input: unknown, path: readonly PropertyKey[]): SchemaResult<BackendDocument> {
  const backend = checkSchema(articleBackendSchema, input, path);
  const check = fieldOf(input, 'health_check');
  const healthCheck: SchemaResult<HealthCheckDocument | undefined> =
    check === undefined ? { ok: true, value: undefined } : readArticleHealthCheck(check, [...path, 'health_check']);
  if (backend.ok && healthCheck.ok) return { ok: true, value: translateBackend(backend.value, healthCheck.value) };
  return { ok: false, faults: bothFaults(backend, healthCheck) };
}

/** A host as article 001 writes it, in the native spelling. */
export function readArticleHost(input: unknown, path: readonly PropertyKey[]): SchemaResult<HostDocument> {
  const host = checkSchema(articleHostSchema, input, path);
  return host.ok ? { ok: true, value: { host: host.value.host, backend: host.value.backend_name } } : host;
}

function translateBackend(
  backend: z.infer<typeof articleBackendSchema>,
  healthCheck: HealthCheckDocument | undefined,
): BackendDocument {
  const servers = (backend.servers ?? []).map(({ addr, ...rest }) => ({ address: addr, ...rest }));
  return { name: backend.backend_name, servers, ...(healthCheck === undefined ? {} : { healthCheck }) };
}

function* bothFaults(first: SchemaResult<unknown>, second: SchemaResult<unknown>): Generator<Fault> {
  if (!first.ok) yield* first.faults;
  if (!second.ok) yield* second.faults;
}
