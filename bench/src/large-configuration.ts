import type { Endpoint } from './peers/endpoint.ts';

/** The one host whose servers exist. */
export interface LiveHost {
  readonly host: string;
  readonly servers: readonly Endpoint[];
}

/** What `PUT /api/v1/config` takes. */
export interface Configuration {
  readonly backends: readonly { readonly name: string; readonly servers: readonly Endpoint[] }[];
  readonly hosts: readonly { readonly host: string; readonly backend: string }[];
}

/** A configuration of `hosts` hosts, each with a backend of its own of `servers` servers; all but one lead nowhere. */
export function largeConfiguration(hosts: number, servers: number, live: LiveHost): Configuration {
  const bulk = bulkOf(hosts, servers);
  return {
    backends: [{ name: 'live', servers: live.servers }, ...bulk.backends],
    hosts: [{ host: live.host, backend: 'live' }, ...bulk.hosts],
  };
}

/** The same, with a backend `live-0`, `live-1`… for each port, and changing.example.com, which uses the first of them. */
export function changingConfiguration(hosts: number, servers: number, live: readonly number[]): Configuration {
  const bulk = bulkOf(hosts, servers);
  return {
    backends: [
      ...live.map((port, index) => ({ name: `live-${index}`, servers: [{ address: '127.0.0.1', port }] })),
      ...bulk.backends,
    ],
    hosts: [{ host: 'changing.example.com', backend: 'live-0' }, ...bulk.hosts],
  };
}

/** The endpoint of one server of backend-1, backend-2…: one in 198.18.0.0/15 (RFC 2544), which nothing here connects to. */
export function bulkServer(index: number, member: number): Endpoint {
  return { address: `198.18.${(index >> 8) & 255}.${index & 255}`, port: 8_000 + member };
}

function bulkOf(hosts: number, servers: number): Configuration {
  const members = Array.from({ length: servers }, (_, index) => index);
  const indices = Array.from({ length: hosts - 1 }, (_, index) => index + 1);
  return {
    backends: indices.map((index) => ({
      name: `backend-${index}`,
      servers: members.map((member) => bulkServer(index, member)),
    })),
    hosts: indices.map((index) => ({ host: `host-${index}.example.com`, backend: `backend-${index}` })),
  };
}
