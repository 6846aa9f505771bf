import { formatEndpoint } from './address.ts';
import { fieldOf, itemsOf } from './field-of.ts';
import { normaliseHostPattern } from './host-pattern.ts';
import { isName } from './name.ts';
import { canonicalServerAddress } from './server-address.ts';
import type { SpellingKeys } from './spelling.ts';

type Path = readonly PropertyKey[];

/**
 * What the cross-checks want to know of a configuration, and where it was said. Facts are read from the input as it was
 * written, so that they can be had while other parts of it are wrong; what is wrong itself is left out.
 */
export interface ConfigurationFacts {
  readonly backends: readonly BackendFacts[];
  readonly hosts: readonly HostFacts[];
}

export interface BackendFacts {
  readonly path: Path;
  /** Undefined when it is no valid name. */
  readonly name: string | undefined;
  readonly namePath: Path;
  readonly servers: readonly { readonly path: Path; readonly endpoint: string }[];
}

/** How many of two ways to say the same are used; unknown where nobody can say. */
export type Ways = 'one' | 'both' | 'none' | 'unknown';

export interface HostFacts {
  readonly path: Path;
  /** As written, and normalised; undefined when it is no valid pattern. */
  readonly pattern: { readonly written: string; readonly normal: string } | undefined;
  /** Whether `backend` or `routes` say where its requests go. */
  readonly destination: Ways;
  /** Whether `backend` or `backends` of a route does. */
  readonly routes: readonly { readonly path: Path; readonly destination: Ways }[];
  /** Valid names of backends, with the place of each. */
  readonly references: readonly { readonly path: Path; readonly backend: string }[];
}

/** The facts of a whole configuration. */
export function configurationFacts(document: unknown, keys: SpellingKeys): ConfigurationFacts {
  return {
    backends: itemsOf(document, 'backends').map((item, index) => backendFacts(item, ['backends', index], keys)),
    hosts: itemsOf(document, 'hosts').map((item, index) => hostFacts(item, ['hosts', index], keys)),
  };
}

/** The facts of a backend at `path`. */
export function backendFacts(backend: unknown, path: Path, keys: SpellingKeys): BackendFacts {
  const name = fieldOf(backend, keys.backendName);
  return {
    path,
    name: isName(name) ? name : undefined,
    namePath: [...path, keys.backendName],
    servers: itemsOf(backend, 'servers').flatMap((server, index) => {
      const endpoint = endpointOf(server, keys);
      return endpoint === undefined ? [] : [{ path: [...path, 'servers', index], endpoint }];
    }),
  };
}

/** The facts of a host at `path`. */
export function hostFacts(host: unknown, path: Path, keys: SpellingKeys): HostFacts {
  const written = fieldOf(host, 'host');
  const normal = typeof written === 'string' ? normaliseHostPattern(written) : undefined;
  return {
    path,
    pattern: typeof written === 'string' && normal !== undefined ? { written, normal } : undefined,
    // The article's schema requires its one field itself.
    destination: keys.hostBackend === 'backend' ? waysOf(host, ['backend', 'routes']) : 'unknown',
    routes: itemsOf(host, 'routes').map((route, index) => {
      return { path: [...path, 'routes', index], destination: waysOf(route, ['backend', 'backends']) };
    }),
    references: [...referencesOf(host, path, keys)],
  };
}

function waysOf(value: unknown, keys: readonly [string, string]): Ways {
  // What is no object has worse faults.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'unknown';
  const ways = keys.filter((key) => fieldOf(value, key) !== undefined).length;
  return ways === 0 ? 'none' : ways === 1 ? 'one' : 'both';
}

function endpointOf(server: unknown, keys: SpellingKeys): string | undefined {
  const [written, port] = [fieldOf(server, keys.address), fieldOf(server, 'port')];
  const address = typeof written === 'string' ? canonicalServerAddress(written) : undefined;
  return address !== undefined && typeof port === 'number' ? formatEndpoint(address, port) : undefined;
}

function* referencesOf(host: unknown, path: Path, keys: SpellingKeys): Generator<HostFacts['references'][number]> {
  const direct = fieldOf(host, keys.hostBackend);
  if (isName(direct)) yield { path: [...path, keys.hostBackend], backend: direct };
  for (const [index, route] of itemsOf(host, 'routes').entries()) {
    yield* referencesOfRoute(route, [...path, 'routes', index]);
  }
}

function* referencesOfRoute(route: unknown, path: Path): Generator<HostFacts['references'][number]> {
  const direct = fieldOf(route, 'backend');
  if (isName(direct)) yield { path: [...path, 'backend'], backend: direct };
  for (const [index, part] of itemsOf(route, 'backends').entries()) {
    const backend = fieldOf(part, 'name');
    if (isName(backend)) yield { path: [...path, 'backends', index, 'name'], backend };
  }
}
