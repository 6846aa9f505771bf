import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DemoServer } from '../src/harness/demo-server.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { metricValue } from '../src/harness/metric-value.ts';
import { System } from '../src/harness/system.ts';
import { Traffic } from '../src/harness/traffic.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const HOST = 'app.example.com';
/** Article 000's numbers: fall 3, interval 2,000, timeout 1,000. */
const KNOWN_DEAD_WITHIN_MS = 3 * (1.2 * 2_000 + 1_000) + 1_000;
const USED_AGAIN_WITHIN_MS = 2 * 1.2 * 2_000 + 1_000;

const articleCheck = {
  type: 'http',
  http_req: 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n',
  interval: 2_000,
  timeout: 1_000,
  fall: 3,
  rise: 2,
  valid_statuses: [200, 302],
  concurrency: 10,
};

describe('three servers with the health check of article 000', () => {
  let system: System;
  let servers: DemoServer[];

  beforeAll(async () => {
    system = await System.start({ servers: 3 });
    servers = [...system.servers];
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [
        {
          backend_name: 'web',
          health_check: articleCheck,
          servers: servers.map(({ port }) => ({ addr: '127.0.0.1', port })),
        },
      ],
      hosts: [{ host: HOST, backend_name: 'web' }],
    });
    await system.api.converge(version);
    await waitUntil('all are probed', async () => (await value('headgate_probes_total', { outcome: 'success' })) >= 3);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop().catch(() => undefined)));
    await system.close();
  });

  const value = async (name: string, labels: Readonly<Record<string, string>> = {}) =>
    metricValue(await system.dataPlane.metrics(), name, labels);
  const isUp = async ({ port }: DemoServer) =>
    (await value('headgate_server_up', { server: `web/127.0.0.1:${port}` })) === 1;

  /** Stops the last server and waits until that is known. */
  async function killOne(): Promise<DemoServer> {
    const victim = servers[2]!;
    await victim.stop();
    await waitUntil('it is known to be dead', async () => !(await isUp(victim)), KNOWN_DEAD_WITHIN_MS);
    return victim;
  }

  async function bringBack({ name, port }: DemoServer): Promise<void> {
    servers[2] = await new DemoServer(name).start(port);
    await waitUntil('it is known to be alive', () => isUp(servers[2]!), USED_AGAIN_WITHIN_MS);
  }

  it('fail no request when one is killed, know it as dead in time, and use it again after rise', async () => {
    const load = Array.from({ length: 5 }, () => new Traffic({ port: system.dataPlane.port, host: HOST }));
    await load[0]!.more(50);
    const victim = await killOne();
    await load[0]!.more(50);
    await bringBack(victim);
    await waitUntil('it gets requests again', () => servers[2]!.answered > 10);
    await load[0]!.more(50);
    expect(await Promise.all(load.map((traffic) => traffic.stop()))).toEqual(load.map(() => []));
    expect(await value('headgate_health_changes_total', { to: 'unhealthy' })).toBe(1);
  }, 60_000);

  it('send nothing to the one that is known to be dead, neither after a restart nor in a storm of snapshots', async () => {
    const victim = await killOne();
    const copy = join(system.directory, 'data-plane-1', 'verdicts.json');
    await waitUntil('the verdict is on disk', async () =>
      (await readFile(copy, 'utf8')).includes(`["web/127.0.0.1:${victim.port}","unhealthy"`),
    );
    await system.dataPlane.stop('SIGKILL');
    await system.dataPlane.start();
    await waitUntil('it is ready', () => system.dataPlane.isReady());

    const traffic = new Traffic({ port: system.dataPlane.port, host: HOST });
    for (let change = 0; change < 200; change++) {
      const path = `/api/v1/backends/web/servers/127.0.0.1:${servers[change % 3]!.port}`;
      await system.api.write('PATCH', path, { weight: 1 + (change % 7) });
    }
    await traffic.more(100);
    expect(await traffic.stop()).toEqual([]);
    expect(await value('headgate_upstream_failures_total')).toBe(0);
    expect(await value('headgate_retries_total')).toBe(0);
    expect(await isUp(victim)).toBe(false);
    await bringBack(victim);
  }, 90_000);
});

describe('a server that answers 500, in a backend with ejection', () => {
  let system: System;
  let failing: FailingServer;

  beforeAll(async () => {
    system = await System.start({ servers: 2 });
    failing = await FailingServer.start();
    const ports = [...system.servers.map(({ port }) => port), failing.port];
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [
        {
          name: 'web',
          servers: ports.map((port) => ({ address: '127.0.0.1', port })),
          ejection: { consecutiveFailures: 3, baseTime: '1s' },
        },
      ],
      hosts: [{ host: HOST, backend: 'web' }],
    });
    await system.api.converge(version);
  });
  afterAll(async () => {
    await failing.stop();
    await system.close();
  });

  const value = async (name: string, labels: Readonly<Record<string, string>> = {}) =>
    metricValue(await system.dataPlane.metrics(), name, labels);

  it('is taken out after three failures in a row, told to the control plane, tried again, and used when it has recovered', async () => {
    const client = new KeepAliveClient(system.dataPlane.port);
    const statuses: number[] = [];
    for (let request = 0; request < 30; request++) statuses.push((await client.get(HOST)).status);
    expect(statuses.filter((status) => status === 500)).toHaveLength(3);
    expect(await value('headgate_ejected_servers')).toBe(1);
    await waitUntil('the control plane knows', async () => {
      const { body } = await system.api.request('GET', '/api/v1/data-planes/dp-1');
      return JSON.stringify(body).includes('ejected after 3 failures in a row');
    });

    await waitUntil('it is tried again, and ejected again', async () => {
      await client.get(HOST);
      return (await value('headgate_ejections_total', { result: 'ejected' })) === 2;
    });
    expect(failing.answered).toBe(6);

    failing.status = 200;
    await waitUntil('it is used again', async () => {
      await client.get(HOST);
      return failing.answered > 20;
    });
    expect(await value('headgate_ejected_servers')).toBe(0);
    expect(await value('headgate_ejections_total', { result: 'ejected' })).toBe(2);
    client.close();
  }, 60_000);
});

/** Answers with one status, whatever it is asked. */
class FailingServer {
  status = 500;
  answered = 0;
  readonly #server: Server = createServer((_request, response) => {
    this.answered++;
    response.statusCode = this.status;
    response.end();
  });

  static async start(): Promise<FailingServer> {
    const server = new FailingServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
