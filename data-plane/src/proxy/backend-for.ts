import { chooseBackend } from '@headgate/shared/routing/choose-backend';
import type { RouteTaken } from '@headgate/shared/routing/route-decision';
import { sessionBackend } from '../affinity/session-backend.ts';
import type { CompiledBackend, ServingTable } from '../routing/serving-table.ts';

export interface BackendChoice {
  readonly table: ServingTable;
  readonly rawHeaders: readonly string[];
  /** From 0 to below 1. */
  readonly random: () => number;
}

/**
 * The backend that takes a request: of several, the one that the client has a session with, else one by weight, each
 * request for itself. Undefined when the table has no such backend.
 */
export function backendFor(
  route: RouteTaken,
  { table, rawHeaders, random }: BackendChoice,
): CompiledBackend | undefined {
  const { backends } = table;
  if (route.backend !== undefined) return backends.get(route.backend);
  return (
    sessionBackend(route.backends, (name) => backends.get(name), rawHeaders) ??
    backends.get(chooseBackend(route, random()))
  );
}
