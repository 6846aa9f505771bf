import type { DemoServer } from '../src/harness/demo-server.ts';
import { KeepAliveClient, type TrafficAnswer } from '../src/harness/keep-alive-client.ts';
import { metricValue } from '../src/harness/metric-value.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const HOST = 'app.example.com';

describe('a backend with a limit of requests and a queue', () => {
  let system: System;
  let servers: readonly DemoServer[];
  const clients: KeepAliveClient[] = [];

  beforeAll(async () => {
    system = await System.start({ servers: 2 });
    servers = system.servers;
  }, 60_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    await system?.close();
  });

  const write = async (ports: readonly number[]): Promise<void> => {
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [
        {
          name: 'web',
          servers: ports.map((port) => ({ address: '127.0.0.1', port })),
          limits: { requestsPerServer: 1, queue: { length: 2, timeout: '60s' } },
        },
      ],
      hosts: [{ host: HOST, backend: 'web' }],
    });
    await system.api.converge(version);
  };
  const ask = (path: string): Promise<TrafficAnswer> => {
    const client = new KeepAliveClient(system.dataPlane.port);
    clients.push(client);
    return client.get(HOST, path);
  };
  const waiting = async (): Promise<number> =>
    metricValue(await system.dataPlane.metrics(), 'headgate_queued_requests', { backend: 'web' });

  it('lets requests wait, refuses those beyond, and gives those who wait a server that is added', async () => {
    await write([servers[0]!.port]);
    const held = ask('/hold');
    await waitUntil('the server is busy', () => servers[0]!.holding === 1);
    const queued = [ask('/first'), ask('/second')];
    await waitUntil('both wait', async () => (await waiting()) === 2);

    const refused = await ask('/third');
    expect([refused.status, JSON.parse(refused.body)]).toEqual([503, expect.objectContaining({ error: 'overloaded' })]);
    expect(refused.headers['retry-after']).toBe('1');

    await write(servers.map(({ port }) => port));
    expect((await Promise.all(queued)).map(({ headers }) => headers['x-server'])).toEqual(['server-2', 'server-2']);
    servers[0]!.release();
    expect((await held).status).toBe(200);
    const text = await system.dataPlane.metrics();
    expect(metricValue(text, 'headgate_queued_requests')).toBe(0);
    expect(metricValue(text, 'headgate_queue_entries_total', { backend: 'web' })).toBe(2);
    expect(metricValue(text, 'headgate_queue_rejections_total', { reason: 'full' })).toBe(1);
  }, 60_000);
});
