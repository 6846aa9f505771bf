import type { BackendDocument } from '@headgate/shared/model/backend';
import type { ConfigurationDocument } from '@headgate/shared/model/configuration';
import type { HostDocument } from '@headgate/shared/model/host';
import type { ServerDocument } from '@headgate/shared/model/server';
import type { BackendEntry, IntentState } from './intent-state.ts';

/**
 * Documents as they are shown: what names an object first, all else by the alphabet, whether the state came from the
 * store or from a request, so that equal states are equal byte for byte.
 */

/** All that operators have written, backends by name and hosts by pattern. */
export function configurationDocument(state: IntentState): ConfigurationDocument {
  const backends = [...state.backends.entries()].sort(byKey).map(([, entry]) => backendDocument(entry));
  const hosts = [...state.hosts.entries()].sort(byKey).map(([, host]) => hostDocument(host.document));
  return { backends, hosts };
}

/** A backend with its servers, by `address:port`. */
export function backendDocument(entry: BackendEntry): BackendDocument {
  const { name, ...settings } = entry.document;
  const servers = [...entry.servers.values()].map((server) => serverDocument(server.document));
  return { name, servers, ...ordered(settings) };
}

export function serverDocument({ address, port, ...rest }: ServerDocument): ServerDocument {
  return { address, port, ...ordered(rest) };
}

export function hostDocument({ host, ...rest }: HostDocument): HostDocument {
  return { host, ...ordered(rest) };
}

/** A copy with the keys of every object in the order of the alphabet. */
function ordered<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered) as T;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.sort(byKey).map(([key, member]) => [key, ordered<unknown>(member)])) as T;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
