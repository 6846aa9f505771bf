import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { DemoServer } from '../src/harness/demo-server.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { metricValue } from '../src/harness/metric-value.ts';
import { siteHost, writeSite } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';
import { Traffic } from '../src/harness/traffic.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

interface Dump {
  readonly backends: readonly { readonly servers: readonly { readonly port: number; readonly inFlight: number }[] }[];
}

describe.each([2, 3])('a data plane with %s threads', (threads) => {
  let system: System;
  beforeAll(async () => {
    system = await System.start({
      dataPlaneEnv: {
        HEADGATE_THREADS: String(threads),
        HEADGATE_ENGINE: threads === 2 ? 'http-proxy' : 'headgate',
        HEADGATE_VERSION_HEADER: 'true',
        HEADGATE_ACCESS_LOG: 'true',
      },
    });
    await writeSite(system);
  });
  afterAll(() => system.close());

  /** A request on a connection of its own, which the system gives to one of the threads. */
  async function get(path = '/'): Promise<IncomingMessage> {
    const asked = request({ port: system.dataPlane.port, path, headers: { host: siteHost }, agent: false });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined);
    return answer.resume();
  }

  async function inFlight(): Promise<readonly number[]> {
    const dump = (await system.dataPlane.dump()) as unknown as Dump;
    return dump.backends.flatMap(({ servers }) => servers.map((server) => server.inFlight));
  }

  async function configure(backend: object): Promise<void> {
    const { version } = await system.api.write('PATCH', '/api/v1/backends/web', backend);
    await system.api.converge(version);
  }

  async function letGo(answers: readonly IncomingMessage[]): Promise<void> {
    for (const answer of answers) answer.destroy();
    await waitUntil('nothing is in flight', async () => (await inFlight()).every((count) => count === 0));
  }

  it('says so to the control plane', async () => {
    const { body } = await system.api.request('GET', '/api/v1/data-planes/dp-1');
    expect(body).toMatchObject({ threads });
    expect(metricValue(await system.dataPlane.metrics(), 'headgate_threads')).toBe(threads);
  });

  it('spreads connections over them, and shows what they count as one', async () => {
    const before = metricValue(await system.dataPlane.metrics(), 'headgate_requests_total');
    const answers = await Promise.all(Array.from({ length: 60 }, () => get()));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
    // Ids begin with what is each thread's own.
    const prefixes = answers.map(({ headers }) => String(headers['x-request-id']).split('.')[0]);
    expect(new Set(prefixes).size).toBe(threads);
    expect(metricValue(await system.dataPlane.metrics(), 'headgate_requests_total') - before).toBe(60);
    const ids = new Set(answers.map(({ headers }) => headers['x-request-id']));
    await waitUntil('the access log has all of them, each in a line of its own', () => {
      const lines = system.dataPlane.child.output.split('\n').filter((line) => line.includes('"requestId"'));
      const logged = lines.map((line) => (JSON.parse(line) as { requestId: string }).requestId);
      return logged.filter((id) => ids.has(id)).length === 60;
    });
  });

  it('acknowledges a change when no thread serves the one before any more', async () => {
    const traffic = new Traffic({ port: system.dataPlane.port, host: siteHost, pauseMs: 0 });
    const clients = Array.from({ length: 8 }, () => new KeepAliveClient(system.dataPlane.port));
    for (let change = 0; change < 40; change++) {
      const { version } = await system.api.write('PUT', '/api/v1/hosts/other.example.com', {
        host: 'other.example.com',
        routes: [{ match: { path: { prefix: `/${change}` } }, backend: 'web' }],
      });
      await system.api.converge(version);
      const answers = await Promise.all(clients.map((client) => client.get(siteHost)));
      expect(answers.map(({ headers }) => headers['headgate-version'])).toEqual(clients.map(() => String(version)));
    }
    for (const client of clients) client.close();
    expect(await traffic.stop()).toEqual([]);
  }, 60_000);

  it('counts for least_connections over all threads', async () => {
    await configure({ balance: { algorithm: 'least_connections' } });
    const held: IncomingMessage[] = [];
    for (let count = 0; count < 20; count++) held.push(await get('/hold'));
    expect(await inFlight()).toEqual([10, 10]);
    await Promise.all(Array.from({ length: 100 }, () => get()));
    await waitUntil('the mixed load is over', async () => (await inFlight()).join() === '10,10');
    await letGo(held);
  });

  it('keeps the limit of requests for each server over all threads, and has one queue', async () => {
    await configure({ limits: { requestsPerServer: 3, queue: { length: 4, timeout: '20s' } } });
    const held = await Promise.all(Array.from({ length: 6 }, () => get('/hold')));
    expect(await inFlight()).toEqual([3, 3]);
    const later = Array.from({ length: 8 }, () => get());
    let refused = 0;
    for (const answer of later) void answer.then(({ statusCode }) => (refused += Number(statusCode === 503)));
    await waitUntil('those beyond the queue are refused', () => refused === 4);
    expect(metricValue(await system.dataPlane.metrics(), 'headgate_queued_requests')).toBe(4);
    held[0]!.destroy();
    const statuses = (await Promise.all(later)).map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
    await letGo(held);
    await configure({ limits: null });
  });

  it('ejects a server for failures that several threads have seen', async () => {
    const dead = await new DemoServer('dead').start();
    await dead.stop();
    await configure({ ejection: { consecutiveFailures: 5, baseTime: '60s', maxPercent: 50 }, balance: null });
    const added = await system.api.write('POST', '/api/v1/backends/web/servers', {
      address: '127.0.0.1',
      port: dead.port,
    });
    await system.api.converge(added.version);
    for (let count = 0; count < 60; count++) expect((await get()).statusCode).toBe(200);
    const ejected = async (): Promise<number> =>
      metricValue(await system.dataPlane.metrics(), 'headgate_ejected_servers');
    await waitUntil('it is ejected', async () => (await ejected()) === 1);
    const removed = await system.api.write('DELETE', `/api/v1/backends/web/servers/127.0.0.1:${dead.port}`);
    await system.api.converge(removed.version);
    await waitUntil('it is forgotten', async () => (await ejected()) === 0);
    await configure({ ejection: null });
  });

  it('keeps a session in whatever thread a request comes', async () => {
    await configure({ session: { cookie: 'route' } });
    const first = await get();
    const cookie = String(first.headers['set-cookie']?.[0]).split(';')[0]!;
    const servers = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const client = new KeepAliveClient(system.dataPlane.port);
        const { headers } = await client.get(siteHost, '/', { headers: { cookie } });
        client.close();
        return headers['x-server'];
      }),
    );
    expect(new Set(servers)).toEqual(new Set([first.headers['x-server']]));
    await configure({ session: null });
  });

  it('serves the copy on disk after a restart', async () => {
    await system.controlPlane.stop();
    await system.dataPlane.stop();
    await system.dataPlane.start();
    const answers = await Promise.all(Array.from({ length: 12 }, () => get()));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
    await system.controlPlane.start();
    const { version } = await system.api.write('PUT', '/api/v1/hosts/late.example.com', {
      host: 'late.example.com',
      backend: 'web',
    });
    await system.api.converge(version);
    expect((await get()).headers['headgate-version']).toBe(String(version));
  });

  it('ends under load without losing a request', async () => {
    const held = await Promise.all(Array.from({ length: 6 }, () => get('/hold')));
    const clients = Array.from({ length: 6 }, () => new KeepAliveClient(system.dataPlane.port));
    const statuses: number[] = [];
    for (const client of clients) statuses.push((await client.get(siteHost)).status);
    system.dataPlane.child.signal('SIGTERM');
    for (const answer of held) expect(answer.complete).toBe(false);
    const cut = held.map((answer) => once(answer, 'close').then(() => !answer.complete));
    await waitUntil('it is not accepted any more', async () => (await get().catch(() => undefined)) === undefined);
    for (const server of system.servers) server.release();
    expect(await Promise.all(cut)).toEqual(held.map(() => false));
    await system.dataPlane.child.closed;
    expect([system.dataPlane.child.exitCode, new Set(statuses)]).toEqual([0, new Set([200])]);
    for (const client of clients) client.close();
  });
});
