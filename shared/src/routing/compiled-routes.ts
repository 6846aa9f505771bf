import type { RouteConditions } from '../model/route-conditions.ts';
import { compilePathRoutes, type PathRoutes } from './path-routes.ts';
import type { RoutedRequest } from './routed-request.ts';

const SLASH = 0x2f;

/** The routes of one host, ready to be looked up. */
export interface CompiledRoutes<R> {
  /**
   * The route for a request, by Gateway API's precedence: an exact path, then the longest prefix (by whole path
   * elements), then one that names a method, then the most headers, then the most query parameters, then the first in
   * order. Where the conditions of a path's routes do not hold, shorter ones are asked. What stands before `?` is compared
   * byte for byte, as it was sent.
   */
  match(request: RoutedRequest): R | undefined;
}

/** Routes as they are looked up: a route without a path is one with the prefix `/`, which matches every target. */
export function compileRoutes<R extends RouteConditions>(routes: readonly R[]): CompiledRoutes<R> {
  const exact = new Map<string, R[]>();
  const prefixes = new Map<string, R[]>();
  for (const route of routes) {
    const path = route.path ?? { prefix: '/' };
    if ('exact' in path) add(exact, path.exact, route);
    else add(prefixes, withoutTrailingSlash(path.prefix), route);
  }
  return new PathTable(compileAll(exact), compileAll(prefixes));
}

function add<R>(table: Map<string, R[]>, path: string, route: R): void {
  const routes = table.get(path);
  if (routes === undefined) table.set(path, [route]);
  else routes.push(route);
}

function compileAll<R extends RouteConditions>(table: ReadonlyMap<string, readonly R[]>): Map<string, PathRoutes<R>> {
  return new Map([...table].map(([path, routes]) => [path, compilePathRoutes(routes)]));
}

function withoutTrailingSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}

/**
 * Prefixes are tried from the longest to the shortest, and only those lengths at which a path element of the target
 * ends and some prefix does too. So a long path full of slashes costs no more than the prefixes that exist, and the
 * table no more memory than their text.
 */
class PathTable<R> implements CompiledRoutes<R> {
  readonly #exact: ReadonlyMap<string, PathRoutes<R>>;
  readonly #prefixes: ReadonlyMap<string, PathRoutes<R>>;
  readonly #everything: PathRoutes<R> | undefined;
  /** 1 at the length of every prefix. */
  readonly #lengths: Uint8Array;

  constructor(exact: ReadonlyMap<string, PathRoutes<R>>, prefixes: ReadonlyMap<string, PathRoutes<R>>) {
    this.#exact = exact;
    this.#prefixes = prefixes;
    this.#everything = prefixes.get('');
    const longest = Math.max(0, ...[...prefixes.keys()].map((prefix) => prefix.length));
    this.#lengths = new Uint8Array(longest + 1);
    for (const prefix of prefixes.keys()) this.#lengths[prefix.length] = 1;
  }

  match(request: RoutedRequest): R | undefined {
    const { target } = request;
    const query = target.indexOf('?');
    const end = query === -1 ? target.length : query;
    if (this.#exact.size > 0) {
      const route = this.#exact.get(target.slice(0, end))?.match(request);
      if (route !== undefined) return route;
    }
    return this.#longestPrefix(request, end) ?? this.#everything?.match(request);
  }

  #longestPrefix(request: RoutedRequest, end: number): R | undefined {
    const { target } = request;
    for (let length = Math.min(end, this.#lengths.length - 1); length > 0; length--) {
      if (this.#lengths[length] === 0 || (length < end && target.charCodeAt(length) !== SLASH)) continue;
      const route = this.#prefixes.get(target.slice(0, length))?.match(request);
      if (route !== undefined) return route;
    }
    return undefined;
  }
}
