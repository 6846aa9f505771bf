import type { ApiClient } from '@headgate/e2e/harness/api-client';

export const BACKENDS = 100;
export const SERVERS_OF_EACH = 100;
export const SERVERS = BACKENDS * SERVERS_OF_EACH;

/** A server that registers itself in a backend, and the token that it shows. */
export interface RegisteringServer {
  readonly backend: string;
  readonly address: string;
  readonly port: number;
  readonly token: string;
}

/** Makes the backends, empty, with a token for each that reaches nothing else; their servers, one of each backend after the other. */
export async function prepareBackends(api: ApiClient): Promise<readonly RegisteringServer[]> {
  const names = Array.from({ length: BACKENDS }, (_, index) => `backend-${index}`);
  await api.write('PUT', '/api/v1/config', {
    backends: names.map((name) => ({ name, servers: [], registration: { ttl: '30s' } })),
    hosts: names.map((name) => ({ host: `${name}.example.com`, backend: name })),
  });
  const tokens: string[] = [];
  for (const name of names) tokens.push(await createToken(api, name));
  return Array.from({ length: SERVERS }, (_, index) => ({
    backend: names[index % BACKENDS]!,
    address: `10.0.${index % BACKENDS}.${Math.floor(index / BACKENDS) + 1}`,
    port: 8_080,
    token: tokens[index % BACKENDS]!,
  }));
}

async function createToken(api: ApiClient, backend: string): Promise<string> {
  const wanted = { name: backend, scopes: [`register:backends/${backend}`] };
  const { status, body } = await api.request<{ token: string }>('POST', '/api/v1/tokens', wanted);
  if (status !== 201) throw new Error(`a token for ${backend} was answered ${status}`);
  return body.token;
}
