import { routesOf, type HostDocument, type PathMatch, type RouteDocument } from '@headgate/shared/model/host';
import type { BackendEntry, IntentState } from './intent-state.ts';

/** Something that is valid and yet hardly meant. */
export interface ConfigurationWarning {
  readonly kind: 'backend' | 'host';
  readonly name: string;
  /** Which route of a host, from 0. */
  readonly route?: number;
  readonly code: 'shadowed_route' | 'unused_backend' | 'no_servers';
  readonly detail: string;
  readonly fix: string;
}

/** Whose warnings are wanted; names that do not exist have none. */
export interface WarningSubjects {
  readonly backends: Iterable<string>;
  readonly hosts: Iterable<string>;
}

/**
 * The warnings about some objects, in the order of the names given:
 *
 * - a route that no request can reach, because an earlier one of its host has the same path. Two prefixes are the same
 *   when they differ in a trailing slash alone, and a route without a path has the prefix `/`;
 * - a backend that no host names;
 * - a backend that hosts name and that has no servers.
 *
 * Whole hosts shadow each other never: patterns are unique, and the longest wins.
 */
export function* configurationWarnings(state: IntentState, subjects: WarningSubjects): Generator<ConfigurationWarning> {
  for (const name of subjects.backends) {
    const entry = state.backends.get(name);
    if (entry !== undefined) yield* backendWarnings(entry);
  }
  for (const pattern of subjects.hosts) {
    const entry = state.hosts.get(pattern);
    if (entry !== undefined) yield* shadowedRoutes(entry.document);
  }
}

function* backendWarnings({ document: { name }, servers, usedBy }: BackendEntry): Generator<ConfigurationWarning> {
  if (usedBy === 0) {
    const fix = 'delete it, or point a host to it';
    yield { kind: 'backend', name, code: 'unused_backend', detail: 'no host names it', fix };
  } else if (servers.size === 0) {
    const fix = 'add a server, or point its hosts to another backend';
    yield { kind: 'backend', name, code: 'no_servers', detail: 'hosts name it, and it has no servers', fix };
  }
}

function* shadowedRoutes(host: HostDocument): Generator<ConfigurationWarning> {
  const first = new Map<string, number>();
  for (const [route, document] of routesOf(host).entries()) {
    const path = reachedBy(document);
    const earlier = first.get(path);
    if (earlier === undefined) first.set(path, route);
    else {
      const detail = `no request reaches route ${route}: route ${earlier} takes all of ${path}`;
      yield { kind: 'host', name: host.host, route, code: 'shadowed_route', detail, fix: 'delete one of the two' };
    }
  }
}

/** What is equal for routes that compete for the same requests, as routing compares them. */
function reachedBy({ match }: RouteDocument): string {
  const path: PathMatch = match?.path ?? { prefix: '/' };
  if ('exact' in path) return `the path ${path.exact}`;
  return `the prefix ${path.prefix.endsWith('/') ? path.prefix : `${path.prefix}/`}`;
}
