import type { WeightedBackend } from '@headgate/shared/model/weighted-backend';
import type { HostTable } from '@headgate/shared/routing/host-table';
import type { RouteDecision } from '@headgate/shared/routing/route-decision';
import { routeRequest } from '@headgate/shared/routing/route-request';
import { readSimulatedRequest, type SimulatedRequest } from './simulated-request.ts';

/** Where a request goes under one configuration. */
export interface Destination {
  /** The pattern of the host that matches. */
  readonly host?: string;
  /** Which of its routes, from 0. */
  readonly route?: number;
  /** By their weights; empty when the request goes nowhere. */
  readonly backends: readonly WeightedBackend[];
  /** Why it goes nowhere; the word that a data plane answers with. */
  readonly reason?: 'unknown_host' | 'no_route';
}

/** Where a request goes now, and where it would go. */
export interface SimulatedRoute {
  readonly current: Destination;
  readonly draft: Destination;
  /** Whether its backends or their shares differ, or the reason why there are none. */
  readonly changed: boolean;
}

export interface Configurations {
  readonly current: HostTable;
  readonly draft: HostTable;
}

/** Routes a request by two configurations, with the code by which data planes route. Pure. */
export function simulate({ current, draft }: Configurations, simulated: SimulatedRequest): SimulatedRoute {
  const { authority, request } = readSimulatedRequest(simulated);
  const before = destinationOf(routeRequest(current, authority, request));
  const after = destinationOf(routeRequest(draft, authority, request));
  return { current: before, draft: after, changed: !isSameTarget(before, after) };
}

function destinationOf(decision: RouteDecision): Destination {
  if (decision.kind === 'unknown_host') return { backends: [], reason: decision.kind };
  const { host } = decision;
  if (decision.kind === 'no_route') return { host, backends: [], reason: decision.kind };
  const { route, backend, backends } = decision;
  return { host, route, backends: backends ?? [{ name: backend, weight: 1 }] };
}

function isSameTarget(a: Destination, b: Destination): boolean {
  if (a.reason !== b.reason) return false;
  const [before, after] = [sharesOf(a), sharesOf(b)];
  return before.size === after.size && [...before].every(([name, share]) => after.get(name) === share);
}

/** The share of each backend that gets any. Equal shares of whole weights divide to the same number. */
function sharesOf({ backends }: Destination): ReadonlyMap<string, number> {
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(backends.filter(({ weight }) => weight > 0).map(({ name, weight }) => [name, weight / total]));
}
