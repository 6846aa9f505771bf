import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { metricValue } from '../src/harness/metric-value.ts';
import { siteHost } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';
import { PickyServer } from './picky-server.ts';

interface ServerHealth {
  readonly server: string;
  readonly status: string;
  readonly verdict?: string;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly dataPlanes: readonly {
    readonly dataPlane: string;
    readonly verdict: string;
    readonly lastError: string;
    readonly flapping: boolean;
    readonly stale: boolean;
    readonly staleSince?: string;
  }[];
}

describe('two data planes that see a server differently', () => {
  let system: System;
  let server: PickyServer;
  let pids: readonly [number, number];
  let version: number;
  beforeAll(async () => {
    system = await System.start({ dataPlanes: 2, servers: 1 });
    pids = [system.dataPlanes[0]!.child.pid, system.dataPlanes[1]!.child.pid];
    server = await new PickyServer(pids).start();
    const servers = [server, system.servers[0]!].map(({ port }) => ({ address: '127.0.0.1', port }));
    const healthCheck = { type: 'http', interval: '100ms', timeout: '2s', fall: 2, rise: 1 };
    const backends = [{ name: 'web', servers, healthCheck }];
    const written = await system.api.write('PUT', '/api/v1/config', { backends, hosts: [] });
    await system.api.converge(written.version);
    ({ version } = written);
    await waitUntil('both have probed it', () => pids.every((pid) => server.answeredTo(pid) > 0));
  });
  afterAll(async () => {
    await system.close();
    await server.stop();
  });

  async function look(): Promise<ServerHealth> {
    const path = `/api/v1/backends/web/servers/127.0.0.1:${server.port}/health`;
    const { status, body } = await system.api.request<ServerHealth>('GET', path);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  }

  async function becomes(status: string, verdict?: string): Promise<ServerHealth> {
    return waitUntil(`it is ${status} ${verdict ?? ''}`, async () => {
      const health = await look();
      return health.status === status && health.verdict === verdict && health;
    });
  }

  it('are agreed at first', async () => {
    expect(await becomes('agreed', 'healthy')).toMatchObject({ verdicts: { healthy: 2 } });
    const { body } = await system.api.request('GET', '/api/v1/health');
    expect(body).toMatchObject({ counts: { servers: 2, healthy: 2 }, items: [] });
  });

  it('dispute it when one of them is cut off, and it is said which one, and why', async () => {
    server.cutOff(pids[1]);
    const disputed = await becomes('disputed');
    expect(disputed.verdicts).toMatchObject({ healthy: 1, unhealthy: 1 });
    expect(disputed.dataPlanes).toMatchObject([
      { dataPlane: 'dp-2', verdict: 'unhealthy', lastError: expect.stringContaining('connection'), stale: false },
      { dataPlane: 'dp-1', verdict: 'healthy', lastError: '', stale: false },
    ]);
    const { body } = await system.api.request<{ items: ServerHealth[] }>('GET', '/api/v1/health?status=disputed');
    expect(body.items.map((item) => item.server)).toEqual([`127.0.0.1:${server.port}`]);
    const metrics = await (await fetch(`${system.controlPlane.apiUrl}/metrics`)).text();
    expect(metricValue(metrics, 'headgate_fleet_servers{status="disputed"}')).toBe(1);
  });

  it('agree again when both are cut off, and when both are back', async () => {
    server.cutOff(...pids);
    await becomes('agreed', 'unhealthy');
    server.cutOff();
    await becomes('agreed', 'healthy');
  });

  it('leave it flapping when one of them changes its mind four times', async () => {
    server.cutOff(pids[1]);
    await becomes('disputed');
    server.cutOff();
    const flapping = await becomes('flapping');
    expect(flapping.dataPlanes[0]).toMatchObject({ dataPlane: 'dp-2', flapping: true });
    expect(flapping.dataPlanes[1]).toMatchObject({ dataPlane: 'dp-1', flapping: false });
  });

  it('leave what one of them has said as stale when it goes, and it counts no more', async () => {
    server.cutOff(pids[1]);
    await waitUntil('dp-2 holds it for unhealthy', async () => (await look()).verdicts['unhealthy'] === 1);
    await system.dataPlanes[1]!.stop('SIGKILL');
    const left = await becomes('agreed', 'healthy');
    expect(left.dataPlanes).toMatchObject([
      { dataPlane: 'dp-1', verdict: 'healthy', stale: false },
      { dataPlane: 'dp-2', verdict: 'unhealthy', stale: true, staleSince: expect.any(String) },
    ]);
  });

  it('leave it unknown when nobody is connected', async () => {
    await system.dataPlanes[0]!.stop('SIGKILL');
    expect((await becomes('unknown')).dataPlanes.every(({ stale }) => stale)).toBe(true);
  });

  it('have made no version by all that', async () => {
    const { body } = await system.api.request<{ version: number }>('GET', '/api/v1/versions/newest');
    expect(body.version).toBe(version);
  });
});

interface Explained {
  readonly version: number;
  readonly host: string;
  readonly backends: readonly {
    readonly backend: string;
    readonly pick: { readonly server: string; readonly certain: boolean };
    readonly candidates: readonly { readonly server: string; readonly in: boolean; readonly reason?: string }[];
  }[];
}

describe('a request that is explained', () => {
  let system: System;
  let client: KeepAliveClient;
  beforeAll(async () => {
    system = await System.start({ dataPlanes: 2, servers: 3 });
    client = new KeepAliveClient(system.dataPlane.port);
    const servers = system.servers.map(({ port }, index) => ({ address: '127.0.0.1', port, weight: index + 1 }));
    const configuration = { backends: [{ name: 'web', servers }], hosts: [{ host: siteHost, backend: 'web' }] };
    await system.api.converge((await system.api.write('PUT', '/api/v1/config', configuration)).version);
  });
  afterAll(async () => {
    client.close();
    await system.close();
  });

  async function explain(dataPlane: string): Promise<readonly { dataPlane: string; explanation: Explained }[]> {
    const question = { url: `https://${siteHost}/`, clientAddress: '127.0.0.1', dataPlane };
    const { status, body } = await system.api.request<{ items: { dataPlane: string; explanation: Explained }[] }>(
      'POST',
      '/api/v1/explain',
      question,
    );
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body.items;
  }

  it('goes where it was said to go, time after time, however often one asks', async () => {
    for (let round = 0; round < 14; round++) {
      const [item] = await explain('dp-1');
      await explain('dp-1');
      const [backend] = item!.explanation.backends;
      expect(backend!.pick.certain).toBe(true);
      const answer = await client.get(siteHost);
      const server = system.servers.find(({ name }) => name === answer.headers['x-server']);
      expect(backend!.pick.server).toBe(`127.0.0.1:${server!.port}`);
    }
  });

  it('is explained by every data plane, and by the data plane itself as through the control plane', async () => {
    const items = await explain('*');
    expect(items.map(({ dataPlane }) => dataPlane)).toEqual(['dp-1', 'dp-2']);
    const answer = await fetch(`${system.dataPlane.adminUrl}/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: `https://${siteHost}/` }),
    });
    expect([answer.status, await answer.json()]).toEqual([200, items[0]!.explanation]);
  });

  it('shows a server that is disabled as out, at the version that says so', async () => {
    const [first] = system.servers;
    const path = `/api/v1/backends/web/servers/127.0.0.1:${first!.port}`;
    const { version } = await system.api.write('PATCH', path, { state: 'disabled' });
    await system.api.converge(version);
    const { explanation } = (await explain('dp-2'))[0]!;
    expect(explanation).toMatchObject({ version, host: siteHost });
    const out = explanation.backends[0]!.candidates.filter((candidate) => !candidate.in);
    expect(out).toMatchObject([{ server: `127.0.0.1:${first!.port}`, reason: 'disabled' }]);
  });

  it('is not logged with what its headers hold', async () => {
    const headers = { cookie: 'route=a-secret-of-a-client', authorization: 'Bearer a-secret-of-a-client' };
    const question = { url: `http://${siteHost}/`, headers, dataPlane: 'dp-1' };
    expect((await system.api.request('POST', '/api/v1/explain', question)).status).toBe(200);
    await fetch(`${system.dataPlane.adminUrl}/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: `http://${siteHost}/`, headers }),
    });
    for (const { output } of [system.controlPlane.child, system.dataPlane.child]) {
      expect(output).not.toContain('a-secret-of-a-client');
    }
  });
});
