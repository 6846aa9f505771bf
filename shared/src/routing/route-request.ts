import type { HostTable } from './host-table.ts';
import type { RouteDecision } from './route-decision.ts';

const unknownHost: RouteDecision = { kind: 'unknown_host' };

/**
 * Where a request goes. `authority` comes from `normaliseAuthority` ("" when the request names no host), `target` is
 * the origin-form target as it was sent, query included. The answer is shared and frozen in meaning: keep no state in it.
 */
export function routeRequest(table: HostTable, authority: string, target: string): RouteDecision {
  const host = table.find(authority);
  return host === undefined ? unknownHost : (host.routes.match(target) ?? host.noRoute);
}
