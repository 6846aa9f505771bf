import {
  configurationFacts,
  type BackendFacts,
  type ConfigurationFacts,
  type HostFacts,
} from './configuration-facts.ts';
import type { ConfigurationDocument } from './configuration.ts';
import { echoText } from './echo-value.ts';
import { pointerOf, type Fault } from './fault.ts';
import { limitFaults } from './limit-faults.ts';
import { nearestWord } from './nearest-word.ts';
import { sizeFaults } from './object-size.ts';
import { nativeKeys } from './spelling.ts';

/** Close names are looked for among all backends, which is worth it for the first few faults only. */
const MAX_SUGGESTIONS = 20;

/**
 * What is wrong with a configuration whose objects are valid one by one: backends that nobody defines, the same name,
 * host or server twice, hosts without or with two destinations, objects that are too large.
 */
export function crossCheckConfiguration(document: ConfigurationDocument): readonly Fault[] {
  return limitFaults(allFaults(document));
}

function* allFaults(document: ConfigurationDocument): Generator<Fault> {
  yield* crossFaults(configurationFacts(document, nativeKeys));
  for (const [index, backend] of document.backends.entries()) yield* sizeFaults(backend, ['backends', index]);
  for (const [index, host] of document.hosts.entries()) yield* sizeFaults(host, ['hosts', index]);
}

/** The faults between the objects of a configuration, of which some may be missing because they are not valid. */
export function* crossFaults(facts: ConfigurationFacts): Generator<Fault> {
  yield* duplicateBackends(facts.backends);
  for (const backend of facts.backends) yield* duplicateServers(backend);
  yield* duplicateHosts(facts.hosts);
  for (const host of facts.hosts) yield* destinationFaults(host);
  yield* unknownBackends(facts);
}

/** The same server twice in one backend. */
export function* duplicateServers({ servers }: BackendFacts): Generator<Fault> {
  const first = new Map<string, readonly PropertyKey[]>();
  for (const { endpoint, path } of servers) {
    const before = first.get(endpoint);
    if (before === undefined) first.set(endpoint, path);
    else {
      const detail = `${endpoint} is the same server as ${pointerOf(before)}`;
      yield { pointer: pointerOf(path), code: 'duplicate_server', detail, fix: 'remove one of them' };
    }
  }
}

/** A host goes either to one backend or through its routes, and a route either to one backend or to several. */
export function* destinationFaults(host: HostFacts): Generator<Fault> {
  const pointer = pointerOf(host.path);
  if (host.destination === 'both') {
    const fix = 'remove "backend", and add {"backend": …} as the last route where it shall take the rest';
    yield { pointer, code: 'ambiguous_destination', detail: 'the host has both "backend" and "routes"', fix };
  } else if (host.destination === 'none') {
    const fix = 'name the backend: "backend": "web"; or list routes';
    yield { pointer, code: 'required', detail: 'the host has neither "backend" nor "routes"', fix };
  }
  for (const route of host.routes) yield* routeDestinationFaults(route);
}

function* routeDestinationFaults({ path, destination }: HostFacts['routes'][number]): Generator<Fault> {
  const pointer = pointerOf(path);
  if (destination === 'both') {
    const fix = 'remove "backend", or name it among "backends" with its weight';
    yield { pointer, code: 'ambiguous_destination', detail: 'the route has both "backend" and "backends"', fix };
  } else if (destination === 'none') {
    const fix = 'name the backend: "backend": "web"; or several: "backends": [{"name": "web", "weight": 9}]';
    yield { pointer, code: 'required', detail: 'the route has neither "backend" nor "backends"', fix };
  }
}

function* duplicateBackends(backends: readonly BackendFacts[]): Generator<Fault> {
  const first = new Map<string, readonly PropertyKey[]>();
  for (const { name, namePath, path } of backends) {
    if (name === undefined) continue;
    const before = first.get(name);
    if (before === undefined) first.set(name, path);
    else {
      const detail = `there is a backend "${name}" already, at ${pointerOf(before)}`;
      yield { pointer: pointerOf(namePath), code: 'duplicate_backend', detail, fix: 'rename or remove one of them' };
    }
  }
}

function* duplicateHosts(hosts: readonly HostFacts[]): Generator<Fault> {
  const first = new Map<string, readonly PropertyKey[]>();
  for (const { pattern, path } of hosts) {
    if (pattern === undefined) continue;
    const before = first.get(pattern.normal);
    if (before === undefined) first.set(pattern.normal, path);
    else {
      const detail = `"${echoText(pattern.written)}" is the same host as ${pointerOf(before)}`;
      const fix = 'join their routes in one host, or remove one of them';
      yield { pointer: pointerOf([...path, 'host']), code: 'duplicate_host', detail, fix };
    }
  }
}

function* unknownBackends(facts: ConfigurationFacts): Generator<Fault> {
  const names = new Set(facts.backends.map(({ name }) => name).filter((name) => name !== undefined));
  let suggestions = 0;
  for (const { path, backend } of facts.hosts.flatMap(({ references }) => references)) {
    if (names.has(backend)) continue;
    const nearest = suggestions++ < MAX_SUGGESTIONS ? nearestWord(backend, names) : undefined;
    yield unknownBackend(pointerOf(path), backend, nearest);
  }
}

function unknownBackend(pointer: string, backend: string, nearest: string | undefined): Fault {
  const hint = nearest === undefined ? '' : `did you mean "${nearest}"? Otherwise `;
  return {
    pointer,
    code: 'unknown_backend',
    detail: `there is no backend "${echoText(backend)}"`,
    fix: `${hint}define the backend or name one that exists`,
  };
}
