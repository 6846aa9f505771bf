import type { Host, PathMatch, Route } from '@headgate/shared/model/host';
import {
  Host as WireHost,
  type PathMatch as WirePathMatch,
  type Route as WireRoute,
} from './generated/headgate/v1/control_plane.ts';
import { missingPart } from './undecodable-object-error.ts';

/** A host as bytes of the wire; equal hosts give equal bytes. */
export function encodeHost(host: Host): Uint8Array {
  return WireHost.encode({ pattern: host.pattern, routes: host.routes.map(wireRoute) }).finish();
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
  return { pattern: wire.pattern, routes: wire.routes.map((route, index) => modelRoute(route, { object, index })) };
}

function wireRoute(route: Route): WireRoute {
  const match = route.path === undefined ? undefined : { path: wirePath(route.path) };
  return { match, backend: route.backend };
}

function wirePath(path: PathMatch): WirePathMatch {
  return 'exact' in path
    ? { match: { $case: 'exact', value: path.exact } }
    : { match: { $case: 'prefix', value: path.prefix } };
}

function modelRoute(wire: WireRoute, place: { readonly object: string; readonly index: number }): Route {
  if (wire.backend === '') throw missingPart(place.object, `/routes/${place.index}/backend`);
  const path = wire.match?.path;
  if (path === undefined) return { path: undefined, backend: wire.backend };
  if (path.match === undefined) throw missingPart(place.object, `/routes/${place.index}/match/path`);
  const { $case, value } = path.match;
  return { path: $case === 'exact' ? { exact: value } : { prefix: value }, backend: wire.backend };
}
