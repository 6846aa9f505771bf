import type { HostDocument } from '@headgate/shared/model/host';
import type { BackendEntry, IntentState } from './intent-state.ts';
import { countActive, overridesOf } from './server-state.ts';
import { splitServerName } from './server-name.ts';
import { shadowedRoutes } from './shadowed-routes.ts';

/** Something that is valid and yet hardly meant. */
export interface ConfigurationWarning {
  readonly kind: 'backend' | 'host' | 'override';
  /** The name of the backend, the pattern of the host, or `backend/address:port`. */
  readonly name: string;
  /** Which route of a host, from 0. */
  readonly route?: number;
  readonly code: 'shadowed_route' | 'unused_backend' | 'no_servers' | 'no_active_server' | 'no_such_server';
  readonly detail: string;
  readonly fix: string;
}

/** Whose warnings are wanted; names that do not exist have none. */
export interface WarningSubjects {
  readonly backends: Iterable<string>;
  readonly hosts: Iterable<string>;
  /** As `backend/address:port`. */
  readonly overrides: Iterable<string>;
}

/** What warnings are about: operators' own, or all that is desired. */
export interface WarnedState extends Pick<IntentState, 'looseOverrides'> {
  readonly backends: Pick<IntentState['backends'], 'get'>;
  readonly hosts: Pick<IntentState['hosts'], 'get'>;
}

/**
 * The warnings about some objects, in the order of the names given:
 *
 * - a route that no request can reach, because an earlier one of its host takes all that it asks for;
 * - a backend that no host names;
 * - a backend that hosts name and that has no servers, or none that is active;
 * - an override of a server that is not there.
 *
 * Whole hosts shadow each other never: patterns are unique, and the longest wins.
 */
export function* configurationWarnings(state: WarnedState, subjects: WarningSubjects): Generator<ConfigurationWarning> {
  for (const name of subjects.backends) {
    const entry = state.backends.get(name);
    if (entry !== undefined) yield* backendWarnings(entry);
  }
  for (const pattern of subjects.hosts) {
    const entry = state.hosts.get(pattern);
    if (entry !== undefined) yield* unreachedRoutes(entry.document);
  }
  for (const name of subjects.overrides) yield* overrideWarnings(state, name);
}

function* backendWarnings(entry: BackendEntry): Generator<ConfigurationWarning> {
  const { document, servers, usedBy } = entry;
  const { name } = document;
  if (usedBy === 0) {
    const fix = 'delete it, or point a host to it';
    yield { kind: 'backend', name, code: 'unused_backend', detail: 'no host names it', fix };
  } else if (servers.size === 0) {
    yield { kind: 'backend', name, code: 'no_servers', ...withoutServers(document) };
  } else if (countActive(entry) === 0) {
    const fix = 'make a server active again, or point its hosts to another backend';
    const detail = 'hosts name it, and all its servers are draining or disabled';
    yield { kind: 'backend', name, code: 'no_active_server', detail, fix };
  }
}

/** Servers of some backends come by themselves. */
function withoutServers({
  registration,
  sources = [],
}: BackendEntry['document']): Pick<ConfigurationWarning, 'detail' | 'fix'> {
  if (registration === undefined && sources.length === 0) {
    return {
      detail: 'hosts name it, and it has no servers',
      fix: 'add a server, or point its hosts to another backend',
    };
  }
  return {
    detail: 'hosts name it, and nobody brings it a server now: none is registered or discovered, and none was added',
    fix: 'let its servers register, look at its sources (GET /api/v1/sources), add one, or point its hosts to another backend',
  };
}

function* overrideWarnings(state: WarnedState, name: string): Generator<ConfigurationWarning> {
  const { backend, endpoint } = splitServerName(name);
  const override = overridesOf(state, backend).get(endpoint);
  if (override === undefined || state.backends.get(backend)?.servers.has(endpoint) === true) return;
  const detail = `there is no such server: when it comes, it will be ${override.document.state}`;
  const fix = `if that is no longer meant, DELETE /api/v1/overrides/${name}`;
  yield { kind: 'override', name, code: 'no_such_server', detail, fix };
}

function* unreachedRoutes(host: HostDocument): Generator<ConfigurationWarning> {
  for (const { route, by, path } of shadowedRoutes(host)) {
    const detail = `no request reaches route ${route}: route ${by} takes all of ${path} that it could have`;
    yield { kind: 'host', name: host.host, route, code: 'shadowed_route', detail, fix: 'delete one of the two' };
  }
}
