import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProcess } from '../src/harness/child-process.ts';
import { DemoServer } from '../src/harness/demo-server.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const RUN = join(import.meta.dirname, '..', 'dist', 'harness', 'run.js');

/** Article 001's own document, with the ports of servers that are there. */
function articleDocument(first: number, second: number): unknown {
  const check = { enable: true, interval: 3, timeout: 2, success: 2, fail: 3 };
  return {
    backends: [
      {
        backend_name: 'backend1',
        health_check: { ...check, type: 'tcp' },
        servers: [{ addr: '127.0.0.1', port: first }],
      },
      {
        backend_name: 'backend2',
        health_check: { ...check, type: 'http', uri: '/ping', interval: 1, timeout: 1 },
        servers: [
          { addr: '127.0.0.1', port: first, weight: 10 },
          { addr: '127.0.0.1', port: second, weight: 1 },
        ],
      },
    ],
    hosts: [
      { host: 'www.test1.com', backend_name: 'backend1' },
      { host: 'www.test2.com', backend_name: 'backend2' },
    ],
  };
}

describe('make run CONFIG= with the document of article 001', () => {
  let directory: string;
  let heavy: DemoServer;
  let light: DemoServer;
  let run: ChildProcess;
  let client: KeepAliveClient;
  let admin: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headgate-'));
    [heavy, light] = await Promise.all([new DemoServer('heavy').start(), new DemoServer('light').start()]);
    const config = join(directory, 'article.json');
    await writeFile(config, JSON.stringify(articleDocument(heavy.port, light.port)));
    run = ChildProcess.start({
      script: RUN,
      env: {
        CONFIG: config,
        DATA_DIR: join(directory, 'data'),
        HEADGATE_API_ADDRESS: '127.0.0.1:0',
        HEADGATE_GRPC_ADDRESS: '127.0.0.1:0',
        HEADGATE_HTTP_ADDRESS: '127.0.0.1:0',
        HEADGATE_ADMIN_ADDRESS: '127.0.0.1:0',
      },
    });
    const [, port, address] = await waitUntil('it says where traffic goes', () => {
      if (run.ended) throw new Error(run.output);
      return /traffic +http:\/\/127\.0\.0\.1:(\d+)[^]*data plane +(http:\S+)/.exec(run.output) ?? undefined;
    });
    admin = String(address);
    client = new KeepAliveClient(Number(port));
  }, 60_000);

  afterAll(async () => {
    client?.close();
    await run?.stop('SIGTERM');
    await Promise.all([heavy, light].map((server) => server.stop().catch(() => undefined)));
    await rm(directory, { recursive: true, force: true });
  });

  it('routes its hosts, by weight, and answers unknown hosts with 404', async () => {
    expect((await client.get('www.test1.com')).headers['x-server']).toBe('heavy');
    const counts = await countAnswers(client, 110);
    expect(counts).toEqual({ heavy: 100, light: 10 });
    const unknown = await client.get('www.test3.com');
    expect(unknown.status).toBe(404);
    expect(JSON.parse(unknown.body)).toEqual({ error: 'unknown_host', requestId: expect.any(String) });
  });

  it('avoids a dead server after `fail` probes and uses it again after `success`', async () => {
    const port = light.port;
    await light.stop();
    await waitUntil('the probes have found the dead server', () => metricIs(admin, 'headgate_unhealthy_servers', 1));
    const failures = await metric(admin, 'headgate_upstream_failures_total{kind="connect_failed"}');
    expect(await countAnswers(client, 22)).toEqual({ heavy: 22 });
    expect(await metric(admin, 'headgate_upstream_failures_total{kind="connect_failed"}')).toBe(failures);
    light = await new DemoServer('light').start(port);
    await waitUntil('the server is used again', async () => (await countAnswers(client, 11)).light !== undefined);
  });

  it('answers 503 when no server is left', async () => {
    const port = heavy.port;
    await heavy.stop();
    const answer = await waitUntil('the only server of the backend is known to be dead', async () => {
      const current = await client.get('www.test1.com');
      return current.status === 503 && current;
    });
    expect(JSON.parse(answer.body)).toEqual({ error: 'no_healthy_server', requestId: expect.any(String) });
    expect(answer.headers['retry-after']).toBeDefined();
    heavy = await new DemoServer('heavy').start(port);
    await waitUntil('it is used again', async () => (await client.get('www.test1.com')).status === 200);
  }, 60_000);
});

async function metric(admin: string, name: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  if (line === undefined) throw new Error(`there is no metric ${name}`);
  return Number(line.slice(name.length));
}

async function metricIs(admin: string, name: string, value: number): Promise<boolean> {
  return (await metric(admin, name)) === value;
}

async function countAnswers(client: KeepAliveClient, requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let count = 0; count < requests; count++) {
    const answer = await client.get('www.test2.com', '/some/path');
    const name = answer.status === 200 ? String(answer.headers['x-server']) : String(answer.status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
