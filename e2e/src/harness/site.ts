import type { WriteAnswer } from './api-client.ts';
import type { System } from './system.ts';

export const siteHost = 'app.example.com';

/** A configuration of one backend with all demo servers, and one host that leads there. */
export function siteConfiguration(system: Pick<System, 'servers'>): unknown {
  const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
  return { backends: [{ name: 'web', servers }], hosts: [{ host: siteHost, backend: 'web' }] };
}

/** Writes that configuration and waits until it is served everywhere. */
export async function writeSite(system: System): Promise<WriteAnswer> {
  const written = await system.api.write('PUT', '/api/v1/config', siteConfiguration(system));
  await system.api.converge(written.version);
  return written;
}

/** Adds a host of the site, which makes a new version. */
export function addHost(system: Pick<System, 'api'>, name: string): Promise<WriteAnswer> {
  const host = `${name}.example.com`;
  return system.api.write('PUT', `/api/v1/hosts/${host}`, { host, backend: 'web' });
}
