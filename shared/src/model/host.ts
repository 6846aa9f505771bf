import { z } from 'zod';
import { normaliseHostPattern } from './host-pattern.ts';
import { nameSchema } from './name.ts';
import type { RouteConditions } from './route-conditions.ts';
import { canonicalRouteMatch, resolveRouteMatch, routeMatchSchema } from './route-match.ts';
import { resolveSplit, splitSchema, type WeightedBackend } from './weighted-backend.ts';

const HOST_MESSAGE =
  'is not a host — use a name (app.example.com), a wildcard (*.example.com), an IP address or "*" for the default';

const routeSchema = z
  .strictObject({
    match: routeMatchSchema.optional().meta({ description: 'Default: every request.' }),
    backend: nameSchema.optional(),
    backends: splitSchema.optional().meta({ description: 'Shares the requests out by weight, each for itself.' }),
  })
  .meta({ id: 'Route', description: 'Names either one backend or several.' });

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
      .meta({
        description:
          'Exact path over longest prefix, then a method, then more headers, then more query parameters, then order.',
      }),
  })
  .meta({ id: 'Host', description: 'A domain pattern and where its requests go.' });

export type HostDocument = z.infer<typeof hostSchema>;
export type RouteDocument = z.infer<typeof routeSchema>;

/** Where a route sends its requests: to one backend, or to several by weight. */
export type Destination =
  | { readonly backend: string; readonly backends?: undefined }
  | { readonly backend?: undefined; readonly backends: readonly WeightedBackend[] };

/** A route as data planes know it. */
export type Route = RouteConditions & Destination;

/** A host as data planes know it. */
export interface Host {
  readonly pattern: string;
  readonly routes: readonly Route[];
}

/** The document in its one spelling. */
export function canonicalHost(document: HostDocument): HostDocument {
  const host = normaliseHostPattern(document.host) ?? document.host;
  if (document.routes === undefined) return { ...document, host };
  return { ...document, host, routes: document.routes.map(canonicalRoute) };
}

function canonicalRoute(route: RouteDocument): RouteDocument {
  return route.match === undefined ? route : { ...route, match: canonicalRouteMatch(route.match) };
}

/** The routes of a host, its `backend` sugar spelled out. */
export function routesOf(document: HostDocument): readonly RouteDocument[] {
  if (document.routes !== undefined) return document.routes;
  return document.backend === undefined ? [] : [{ backend: document.backend }];
}

/** The names of the backends of a route, in order, also of those with the weight 0. */
export function backendNamesOf(route: RouteDocument | Route): readonly string[] {
  if (route.backend !== undefined) return [route.backend];
  return (route.backends ?? []).map(({ name }) => name);
}

/** The document with its defaults. */
export function resolveHost(document: HostDocument): Host {
  return { pattern: document.host, routes: routesOf(document).map(resolveRoute) };
}

function resolveRoute(route: RouteDocument): Route {
  return { ...resolveRouteMatch(route.match), ...resolveDestination(route) };
}

/** One of the two is there: the cross-checks have looked. */
function resolveDestination({ backend, backends = [] }: RouteDocument): Destination {
  return backend === undefined ? { backends: resolveSplit(backends) } : { backend };
}
