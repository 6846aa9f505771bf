import { KeepAliveClient, type TrafficAnswer } from '../src/harness/keep-alive-client.ts';
import { metricValue } from '../src/harness/metric-value.ts';
import { siteHost } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

describe.each([1, 2])('what is in flight at a slow server of two data planes with %i threads each', (threads) => {
  let system: System;
  const clients: KeepAliveClient[] = [];
  beforeAll(async () => {
    system = await System.start({ dataPlanes: 2, servers: 2, dataPlaneEnv: { HEADGATE_THREADS: String(threads) } });
    await configure(0, 1);
  }, 60_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    await system.close();
  });

  /** A backend of these servers. */
  async function configure(...indices: readonly number[]): Promise<void> {
    const servers = indices.map((index) => ({ address: '127.0.0.1', port: system.servers[index]!.port }));
    const configuration = { backends: [{ name: 'web', servers }], hosts: [{ host: siteHost, backend: 'web' }] };
    await system.api.converge((await system.api.write('PUT', '/api/v1/config', configuration)).version);
  }

  /** Requests that a data plane has under way until they are released. */
  function hold(dataPlane: number, count: number): Promise<TrafficAnswer>[] {
    return Array.from({ length: count }, () => {
      const client = new KeepAliveClient(system.dataPlanes[dataPlane]!.port);
      clients.push(client);
      return client.get(siteHost, '/hold');
    });
  }

  async function inFlight(index: number): Promise<number | undefined> {
    const path = `/api/v1/backends/web/servers/127.0.0.1:${system.servers[index]!.port}/health`;
    return (await system.api.request<{ inFlight?: number }>('GET', path)).body.inFlight;
  }

  async function total(): Promise<number> {
    const metrics = await (await fetch(`${system.controlPlane.apiUrl}/metrics`)).text();
    return metricValue(metrics, 'headgate_fleet_in_flight_requests');
  }

  async function becomes(first: number, second: number): Promise<void> {
    await waitUntil(`${first} and ${second} are in flight`, async () => {
      return (await inFlight(0)) === first && (await inFlight(1)) === second;
    });
  }

  it('is nothing at first', async () => {
    await becomes(0, 0);
  });

  it('is what both of them hold there, and nothing when it has been released', async () => {
    const held = [...hold(0, 4), ...hold(1, 2)];
    const holding = (): readonly number[] => system.servers.map((server) => server.holding);
    await waitUntil('all are held', () => holding().reduce((sum, count) => sum + count, 0) === 6);
    const [first, second] = holding();
    await becomes(first!, second!);
    expect(await total()).toBe(6);
    for (const server of system.servers) server.release();
    await Promise.all(held);
    await becomes(0, 0);
    expect(await total()).toBe(0);
  });

  it('counts on while a server that was removed lets its requests end', async () => {
    await configure(0);
    const held = hold(0, 3);
    await waitUntil('all are held', () => system.servers[0]!.holding === 3);
    await configure(1);
    await waitUntil('they are counted', async () => (await total()) === 3);
    system.servers[0]!.release();
    await Promise.all(held);
    await waitUntil('nothing is left', async () => (await total()) === 0);
  });

  it('goes with a data plane that dies', async () => {
    await configure(0, 1);
    const cut = Promise.allSettled(hold(1, 2));
    const held = hold(0, 1);
    await waitUntil('they are counted', async () => (await total()) === 3);
    await system.dataPlanes[1]!.stop('SIGKILL');
    await waitUntil('one is left', async () => (await total()) === 1);
    for (const server of system.servers) server.release();
    await Promise.all([cut, ...held]);
    await waitUntil('nothing is left', async () => (await total()) === 0);
  });
});
