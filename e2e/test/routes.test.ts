import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { System } from '../src/harness/system.ts';

const host = 'app.example.com';
const REQUESTS = 400;

interface Simulation {
  readonly changed: readonly number[];
  readonly items: readonly { readonly draft: { readonly backends: readonly { readonly name: string }[] } }[];
}

describe('routes', () => {
  let system: System;
  let client: KeepAliveClient;
  beforeAll(async () => {
    system = await System.start({ servers: 3 });
    client = new KeepAliveClient(system.dataPlane.port);
  }, 60_000);
  afterAll(async () => {
    client?.close();
    await system?.close();
  });

  const [stable, next, canary] = ['server-1', 'server-2', 'server-3'];

  /** A canary by header; the rest of /api shared out; everything else stable. */
  const configuration = (stableWeight: number, nextWeight: number) => ({
    backends: [stable, next, canary].map((name, index) => {
      return { name, servers: [{ address: '127.0.0.1', port: system.servers[index]!.port }] };
    }),
    hosts: [
      {
        host,
        routes: [
          { backend: stable },
          {
            match: { path: { prefix: '/api' } },
            backends: [
              { name: stable, weight: stableWeight },
              { name: next, weight: nextWeight },
            ],
          },
          { match: { path: { prefix: '/api' }, headers: [{ name: 'X-Canary', exact: 'yes' }] }, backend: canary },
          {
            match: { path: { prefix: '/api' }, method: 'DELETE', query: [{ name: 'on', exact: 'a b' }] },
            backend: canary,
          },
        ],
      },
    ],
  });
  const write = async (document: unknown): Promise<void> => {
    const { version } = await system.api.write('PUT', '/api/v1/config', document);
    await system.api.converge(version);
  };
  const serverOf = async (...request: [string, Parameters<KeepAliveClient['get']>[2]?]): Promise<unknown> =>
    (await client.get(host, ...request)).headers['x-server'];
  const count = async (path: string): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (let index = 0; index < REQUESTS; index++) {
      const name = String(await serverOf(path));
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };

  it('send a canary by header, method and query, and everything else where it belongs', async () => {
    await write(configuration(1, 0));
    expect(await serverOf('/api', { headers: { 'x-canary': 'yes' } })).toBe(canary);
    expect(await serverOf('/api/x', { headers: { 'X-CANARY': 'no' } })).toBe(stable);
    expect(await serverOf('/apis', { headers: { 'x-canary': 'yes' } })).toBe(stable);
    expect(await serverOf('/api?on=a+b', { method: 'DELETE' })).toBe(canary);
    expect(await serverOf('/api?on=a%20b', { method: 'PUT' })).toBe(stable);
  });

  it('share requests out by weight, and follow a change of the weights on the same connection', async () => {
    await write(configuration(1, 0));
    expect(await count('/api')).toEqual({ [stable]: REQUESTS });
    await write(configuration(3, 1));
    // 300 are expected, with a standard deviation of 8.7; chance leaves six of these once in 500 million runs.
    const share = (await count('/api'))[stable] ?? 0;
    expect(Math.abs(share - 300)).toBeLessThan(53);
    await write(configuration(0, 1));
    expect(await count('/api')).toEqual({ [next]: REQUESTS });
    expect(client.connections).toBe(1);
  });

  it('go where the simulation of the draft said', async () => {
    await write(configuration(1, 0));
    const requests = ['/', '/api', '/api/x', '/apis'].map((path) => ({ host, path }));
    const draft = configuration(0, 1);
    const { body } = await system.api.request<Simulation>('POST', '/api/v1/simulate', {
      configuration: draft,
      requests,
    });
    expect(body.changed).toEqual([1, 2]);
    await write(draft);
    for (const [index, { path }] of requests.entries()) {
      const taken = body.changed.includes(index) ? next : stable;
      expect([path, await serverOf(path)]).toEqual([path, taken]);
    }
  });
});
