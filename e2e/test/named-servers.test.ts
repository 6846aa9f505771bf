import { NamedOrigin } from '@headgate/data-plane/resolution/named-stage.cases';
import { DnsTestServer } from '@headgate/shared/dns/dns-server.cases';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { metricValue } from '../src/harness/metric-value.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const NAME = 'web.example.test';
const HOST = 'app.example.com';
const [FIRST, SECOND] = ['127.0.0.1', '127.0.0.5'];

describe.each([1, 2])('a server whose address is a name, with %s threads', (threads) => {
  let dns: DnsTestServer;
  let origins: readonly [NamedOrigin, NamedOrigin];
  let system: System;
  let client: KeepAliveClient;

  beforeAll(async () => {
    dns = await DnsTestServer.start();
    dns.holdAddresses(NAME, [FIRST]);
    const first = await NamedOrigin.start(FIRST);
    origins = [first, await NamedOrigin.start(SECOND, first.port)];
    system = await System.start({
      servers: 0,
      dataPlaneEnv: {
        HEADGATE_DNS_RESOLVERS: dns.address,
        HEADGATE_DNS_REFRESH: '1s',
        HEADGATE_THREADS: String(threads),
        HEADGATE_ENGINE: threads === 1 ? 'headgate' : 'http-proxy',
      },
    });
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [
        {
          name: 'web',
          servers: [{ address: 'Web.Example.Test', port: first.port }],
          healthCheck: { type: 'http', interval: '200ms', timeout: '1s' },
        },
      ],
      hosts: [{ host: HOST, backend: 'web' }],
    });
    await system.api.converge(version);
    client = new KeepAliveClient(system.dataPlane.port);
  });
  afterAll(async () => {
    client.close();
    await system.close();
    await Promise.all([...origins.map((origin) => origin.close()), dns.stop()]);
  });

  it('is reached where the name is, from the moment that the change has converged', async () => {
    expect(await client.get(HOST)).toMatchObject({ status: 200, body: FIRST });
    const metrics = await system.dataPlane.metrics();
    expect(metricValue(metrics, 'headgate_names')).toBe(1);
    expect(metricValue(metrics, 'headgate_unresolved_names')).toBe(0);
    expect(metricValue(metrics, 'headgate_name_resolutions_total', { outcome: 'success' })).toBeGreaterThan(0);
  });

  it('is followed when the name moves: requests and probes go on', async () => {
    dns.holdAddresses(NAME, [SECOND]);
    const statuses = new Set<number>();
    await waitUntil('requests go to the other address', async () => {
      const { status, body } = await client.get(HOST);
      statuses.add(status);
      return body === SECOND;
    });
    expect([...statuses]).toEqual([200]);
    const health = await system.api.request('GET', `/api/v1/health?all=true`);
    expect(health.body).toMatchObject({ items: [{ verdict: 'healthy', status: 'agreed' }] });
  });

  it('is never a place where nobody may send a data plane', async () => {
    dns.holdAddresses(NAME, ['169.254.169.254']);
    await waitUntil('the address is refused', async () => {
      const metrics = await system.dataPlane.metrics();
      return metricValue(metrics, 'headgate_name_resolutions_total', { outcome: 'refused' }) > 0;
    });
    expect(await client.get(HOST)).toMatchObject({ status: 200, body: SECOND });
  });

  it('is looked up anew after a restart from the disk copy', async () => {
    dns.holdAddresses(NAME, [FIRST]);
    await waitUntil('the disk copy has followed', async () => {
      const metrics = await system.dataPlane.metrics();
      return metricValue(metrics, 'headgate_disk_copy_version') === metricValue(metrics, 'headgate_snapshot_version');
    });
    await system.controlPlane.stop('SIGKILL');
    await system.dataPlane.stop('SIGKILL');
    await system.dataPlane.start();
    client.close();
    client = new KeepAliveClient(system.dataPlane.port);
    expect(await client.get(HOST)).toMatchObject({ status: 200, body: FIRST });
  });
});
