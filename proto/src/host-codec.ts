import type { Destination, Host, Route } from '@headgate/shared/model/host';
import type { NamedMatch, PathMatch, RouteConditions } from '@headgate/shared/model/route-conditions';
import { encodeMessage } from './encode-message.ts';
import {
  Host as WireHost,
  type NamedMatch as WireNamedMatch,
  type PathMatch as WirePathMatch,
  type Route as WireRoute,
  type RouteMatch as WireRouteMatch,
} from './generated/headgate/v1/control_plane.ts';
import { missingPart } from './undecodable-object-error.ts';

/** A host as bytes of the wire; equal hosts give equal bytes. */
export function encodeHost(host: Host): Uint8Array {
  return encodeMessage(WireHost, { pattern: host.pattern, routes: host.routes.map(wireRoute) });
}

/**
 * The host in bytes of the wire.
 * @throws UndecodableObjectError, or what the reader throws for bytes that are no message.
 */
export function decodeHost(body: Uint8Array): Host {
  const wire = WireHost.decode(body);
  const object = `host/${wire.pattern}`;
  if (wire.pattern === '') throw missingPart(object, '/pattern');
  if (wire.routes.length === 0) throw missingPart(object, '/routes');
  const routes = wire.routes.map((route, index) => modelRoute(route, { object, field: `/routes/${index}` }));
  return { pattern: wire.pattern, routes };
}

/** Where in which object something stands. */
interface Place {
  readonly object: string;
  readonly field: string;
}

function wireRoute(route: Route): WireRoute {
  return {
    match: wireMatch(route),
    backend: route.backend ?? '',
    backends: (route.backends ?? []).map(({ name, weight }) => ({ name, weight })),
  };
}

function wireMatch({ path, method = '', headers = [], query = [] }: RouteConditions): WireRouteMatch | undefined {
  if (path === undefined && method === '' && headers.length === 0 && query.length === 0) return undefined;
  return {
    path: path === undefined ? undefined : wirePath(path),
    method,
    headers: headers.map(wireNamed),
    query: query.map(wireNamed),
  };
}

function wirePath(path: PathMatch): WirePathMatch {
  return 'exact' in path
    ? { match: { $case: 'exact', value: path.exact } }
    : { match: { $case: 'prefix', value: path.prefix } };
}

function wireNamed(condition: NamedMatch): WireNamedMatch {
  const { name } = condition;
  return 'exact' in condition
    ? { name, match: { $case: 'exact', value: condition.exact } }
    : { name, match: { $case: 'present', value: true } };
}

function modelRoute(wire: WireRoute, place: Place): Route {
  return { ...modelMatch(wire.match, { ...place, field: `${place.field}/match` }), ...modelDestination(wire, place) };
}

function modelDestination({ backend, backends }: WireRoute, { object, field }: Place): Destination {
  if (backends.length === 0) {
    if (backend === '') throw missingPart(object, `${field}/backend`);
    return { backend };
  }
  const unnamed = backends.findIndex(({ name }) => name === '');
  if (unnamed !== -1) throw missingPart(object, `${field}/backends/${unnamed}/name`);
  return { backends: backends.map(({ name, weight }) => ({ name, weight })) };
}

/** Lists that are empty are left out: most routes have none. */
function modelMatch(wire: WireRouteMatch | undefined, { object, field }: Place): RouteConditions {
  if (wire === undefined) return { path: undefined };
  const { path, method, headers, query } = wire;
  return {
    path: path === undefined ? undefined : modelPath(path, { object, field: `${field}/path` }),
    ...(method === '' ? {} : { method }),
    ...(headers.length === 0 ? {} : { headers: modelNamed(headers, { object, field: `${field}/headers` }) }),
    ...(query.length === 0 ? {} : { query: modelNamed(query, { object, field: `${field}/query` }) }),
  };
}

function modelPath({ match }: WirePathMatch, { object, field }: Place): PathMatch {
  if (match === undefined) throw missingPart(object, field);
  return match.$case === 'exact' ? { exact: match.value } : { prefix: match.value };
}

/** What asks for nothing that this release knows must not match everything. */
function modelNamed(conditions: readonly WireNamedMatch[], { object, field }: Place): readonly NamedMatch[] {
  return conditions.map(({ name, match }, index) => {
    if (name === '') throw missingPart(object, `${field}/${index}/name`);
    if (match === undefined || match.value === false) throw missingPart(object, `${field}/${index}/match`);
    return match.$case === 'exact' ? { name, exact: match.value } : { name, present: true };
  });
}
