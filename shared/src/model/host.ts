import { z } from 'zod';
import { normaliseHostPattern } from './host-pattern.ts';
import { nameSchema } from './name.ts';

const HOST_MESSAGE =
  'is not a host — use a name (app.example.com), a wildcard (*.example.com), an IP address or "*" for the default';
const PATH_MESSAGE = 'is not a path — begin with "/", at most 2,048 visible ASCII characters, without "?" and "#"';

const pathSchema = z
  .string({ error: PATH_MESSAGE })
  .max(2_048, PATH_MESSAGE)
  .regex(/^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/, PATH_MESSAGE);

const pathMatchSchema = z
  .union([z.strictObject({ exact: pathSchema }), z.strictObject({ prefix: pathSchema })], {
    error: 'is not a path match — write {"exact": "/path"} or {"prefix": "/path"}',
  })
  .meta({ id: 'PathMatch', description: 'A prefix matches whole path elements: /api matches /api/x, not /apis.' });

const routeMatchSchema = z.strictObject({ path: pathMatchSchema.optional() }).meta({ id: 'RouteMatch' });

const routeSchema = z
  .strictObject({
    match: routeMatchSchema.optional().meta({ description: 'Default: every request.' }),
    backend: nameSchema,
  })
  .meta({ id: 'Route' });

export const hostPatternSchema = z
  .string({ error: HOST_MESSAGE })
  .max(300, HOST_MESSAGE)
  .refine((text) => normaliseHostPattern(text) !== undefined, HOST_MESSAGE)
  .meta({ description: 'Exact name, "*.example.com" (any depth, longest wins, not the apex) or "*".' });

/** A host as operators write it. */
export const hostSchema = z
  .strictObject({
    host: hostPatternSchema,
    backend: nameSchema.optional().meta({ description: 'Short for one route that matches everything.' }),
    routes: z
      .array(routeSchema, { error: 'is not a list of routes — write [{"backend": "web"}]' })
      .min(1, 'has no routes — add one, or name a backend')
      .max(1_000, 'has more than 1,000 routes — split the host')
      .optional()
      .meta({ description: 'Exact path over longest prefix over order.' }),
  })
  .meta({ id: 'Host', description: 'A domain pattern and where its requests go.' });

export type HostDocument = z.infer<typeof hostSchema>;
export type RouteDocument = z.infer<typeof routeSchema>;
export type PathMatch = { readonly exact: string } | { readonly prefix: string };

/** A route as data planes know it. */
export interface Route {
  readonly path?: PathMatch | undefined;
  readonly backend: string;
}

/** A host as data planes know it. */
export interface Host {
  readonly pattern: string;
  readonly routes: readonly Route[];
}

/** The document in its one spelling. */
export function canonicalHost(document: HostDocument): HostDocument {
  return { ...document, host: normaliseHostPattern(document.host) ?? document.host };
}

/** The routes of a host, its `backend` sugar spelled out. */
export function routesOf(document: HostDocument): readonly RouteDocument[] {
  if (document.routes !== undefined) return document.routes;
  return document.backend === undefined ? [] : [{ backend: document.backend }];
}

/** The document with its defaults. */
export function resolveHost(document: HostDocument): Host {
  const routes = routesOf(document).map((route) => ({ path: route.match?.path, backend: route.backend }));
  return { pattern: document.host, routes };
}
