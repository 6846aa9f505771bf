import type { NamedMatch, RouteConditions } from '../model/route-conditions.ts';
import type { RoutedRequest } from './routed-request.ts';

const none: readonly NamedMatch[] = [];

/** A route that asks for more than its path. */
interface ConditionalRoute<R> {
  readonly route: R;
  readonly method: string | undefined;
  readonly headers: readonly NamedMatch[];
  readonly query: readonly NamedMatch[];
}

/** All routes of one path, in the order in which they are asked. */
export interface PathRoutes<R> {
  match(request: RoutedRequest): R | undefined;
}

/**
 * Sorts the routes of one path by precedence. Those behind one that asks for nothing more are never reached, and left
 * out, so that most paths have that one route alone.
 */
export function compilePathRoutes<R extends RouteConditions>(routes: readonly R[]): PathRoutes<R> {
  const rest = routes.find((route) => !asksForMore(route));
  const conditional = routes.filter(asksForMore).map(conditionalRoute).sort(byPrecedence);
  return new SortedRoutes(conditional, rest);
}

/** A class of its own, so that look-ups see one shape of object. */
class SortedRoutes<R> implements PathRoutes<R> {
  readonly #conditional: readonly ConditionalRoute<R>[];
  readonly #rest: R | undefined;

  constructor(conditional: readonly ConditionalRoute<R>[], rest: R | undefined) {
    this.#conditional = conditional;
    this.#rest = rest;
  }

  match(request: RoutedRequest): R | undefined {
    for (const candidate of this.#conditional) if (holds(candidate, request)) return candidate.route;
    return this.#rest;
  }
}

function asksForMore({ method, headers = none, query = none }: RouteConditions): boolean {
  return method !== undefined || headers.length > 0 || query.length > 0;
}

function conditionalRoute<R extends RouteConditions>(route: R): ConditionalRoute<R> {
  const { method, headers = none, query = none } = route;
  return { route, method, headers, query };
}

/** Equal ones stay in the operator's order: sorting is stable. */
function byPrecedence(a: ConditionalRoute<unknown>, b: ConditionalRoute<unknown>): number {
  return (
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.query.length - a.query.length
  );
}

function holds({ method, headers, query }: ConditionalRoute<unknown>, request: RoutedRequest): boolean {
  if (method !== undefined && method !== request.method) return false;
  for (const header of headers) if (!isMet(header, request.header(header.name))) return false;
  for (const parameter of query) if (!isMet(parameter, request.query(parameter.name))) return false;
  return true;
}

function isMet(condition: NamedMatch, value: string | undefined): boolean {
  return value !== undefined && (!('exact' in condition) || condition.exact === value);
}
