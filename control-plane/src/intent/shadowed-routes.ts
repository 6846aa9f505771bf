import { routesOf, type HostDocument, type RouteDocument } from '@headgate/shared/model/host';
import type { NamedMatch, PathMatch } from '@headgate/shared/model/route-conditions';
import { canonicalRouteMatch } from '@headgate/shared/model/route-match';

/** A route that no request can reach. */
export interface ShadowedRoute {
  /** From 0. */
  readonly route: number;
  /** The earlier one that takes its requests. */
  readonly by: number;
  /** What of the requests both want. */
  readonly path: string;
}

/** What is compared with later routes. */
interface KnownRoute {
  readonly index: number;
  readonly conditions: readonly NamedMatch[];
}

/** Routes that compete for the same requests. */
interface Rivals {
  /** By their conditions. */
  readonly first: Map<string, number>;
  /** Those that any value of something satisfies. */
  readonly loose: KnownRoute[];
}

/** Of one group; a host with more of them is looked at less closely. */
const MOST_LOOSE = 100;

/**
 * Routes that an earlier one takes everything from: it has the same path and method, asks for the same headers and query
 * parameters, and is satisfied by whatever satisfies the later one. One that asks for fewer is asked later, whatever
 * the order, and shadows nothing. Two prefixes are the same when they differ in a trailing slash alone, and a route
 * without a path has the prefix `/`.
 */
export function* shadowedRoutes(host: HostDocument): Generator<ShadowedRoute> {
  const groups = new Map<string, Rivals>();
  for (const [route, document] of routesOf(host).entries()) {
    const { path, group, conditions } = claimOf(document);
    let rivals = groups.get(group);
    if (rivals === undefined) groups.set(group, (rivals = { first: new Map(), loose: [] }));
    const by = takenBy(rivals, conditions);
    if (by === undefined) addRival(rivals, { index: route, conditions });
    else yield { route, by, path };
  }
}

interface Claim {
  readonly path: string;
  /** Equal for routes of which one could take everything from the other. */
  readonly group: string;
  readonly conditions: readonly NamedMatch[];
}

function claimOf({ match = {} }: RouteDocument): Claim {
  const { method = '', headers = [], query = [] } = canonicalRouteMatch(match);
  const sorted = [[...headers].sort(byName), [...query].sort(byName)] as const;
  const path = pathOf(match.path);
  const group = JSON.stringify([path, method, ...sorted.map((conditions) => conditions.map(({ name }) => name))]);
  return { path, group, conditions: sorted.flat() };
}

function pathOf(path: PathMatch = { prefix: '/' }): string {
  if ('exact' in path) return `the path ${path.exact}`;
  return `the prefix ${path.prefix.endsWith('/') ? path.prefix : `${path.prefix}/`}`;
}

function byName(a: NamedMatch, b: NamedMatch): number {
  return a.name < b.name ? -1 : 1;
}

function takenBy({ first, loose }: Rivals, conditions: readonly NamedMatch[]): number | undefined {
  return first.get(keyOf(conditions)) ?? loose.find((earlier) => covers(earlier.conditions, conditions))?.index;
}

function addRival({ first, loose }: Rivals, { index, conditions }: KnownRoute): void {
  first.set(keyOf(conditions), index);
  const isLoose = conditions.some((condition) => 'present' in condition);
  if (isLoose && loose.length < MOST_LOOSE) loose.push({ index, conditions });
}

/** Whatever order the members were written in. */
function keyOf(conditions: readonly NamedMatch[]): string {
  return JSON.stringify(conditions.map((one) => ('exact' in one ? [one.name, one.exact] : [one.name])));
}

/** Both have the same names in the same order. */
function covers(earlier: readonly NamedMatch[], later: readonly NamedMatch[]): boolean {
  return earlier.every((condition, index) => {
    const other = later[index]!;
    return 'present' in condition || ('exact' in other && other.exact === condition.exact);
  });
}
