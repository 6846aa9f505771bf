import type { HostTable } from './host-table.ts';
import type { RouteDecision } from './route-decision.ts';
import type { RoutedRequest } from './routed-request.ts';

const unknownHost: RouteDecision = { kind: 'unknown_host' };

/**
 * Where a request goes. `authority` comes from `normaliseAuthority` ("" when the request names no host). The answer is
 * shared and frozen in meaning: keep no state in it. Which of several backends takes the request says `chooseBackend`.
 */
export function routeRequest(table: HostTable, authority: string, request: RoutedRequest): RouteDecision {
  const host = table.find(authority);
  return host === undefined ? unknownHost : (host.routes.match(request) ?? host.noRoute);
}
