import { lookAt } from '../../src/harness/data-plane-view.ts';
import { metricValue } from '../../src/harness/metric-value.ts';
import { siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';

const VERSIONS = 1_000;
const MOST_GROWTH_BYTES = 128 * 1024 * 1024;

describe(`a data plane that is stopped (SIGSTOP) during ${VERSIONS} versions`, () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start({ dataPlanes: 2 });
    await writeSite(system);
  });
  afterAll(() => system.close());

  it('costs the control plane one update in flight, holds nobody back, and then gets the newest', async () => {
    const [other, stopped] = system.dataPlanes;
    const traffic = new Traffic({ port: other!.port, host: siteHost });
    const before = { sent: await updatesSent(system), resident: await resident(system) };
    const received = { other: await receivedBy(other!), stopped: await receivedBy(stopped!) };
    stopped!.child.signal('SIGSTOP');
    let version = 0;
    for (let count = 0; count < VERSIONS; count++) version = await change(system, count);
    await waitUntil('the other one is live', async () => (await lookAt(system.api, 'dp-1'))?.version === version);

    const toStopped = async (): Promise<number> =>
      (await updatesSent(system)) - before.sent - ((await receivedBy(other!)) - received.other);
    expect(await toStopped()).toBe(1);
    expect((await resident(system)) - before.resident).toBeLessThan(MOST_GROWTH_BYTES);
    expect((await lookAt(system.api, 'dp-2'))?.state).not.toBe('live');

    stopped!.child.signal('SIGCONT');
    await system.api.converge(version);
    expect(await toStopped()).toBe(2);
    expect((await receivedBy(stopped!)) - received.stopped).toBe(2);
    expect(await traffic.stop()).toEqual([]);
  }, 120_000);
});

/** A change of 50 KB, so that a queue of them would be seen. */
async function change(system: System, count: number): Promise<number> {
  const routes = Array.from({ length: 25 }, (_, index) => ({
    match: { path: { exact: `/${count}/${index}/${'x'.repeat(2_000)}` } },
    backend: 'web',
  }));
  const { version } = await system.api.write('PUT', '/api/v1/hosts/big.example.com', {
    host: 'big.example.com',
    routes,
  });
  return version;
}

async function controlPlaneMetrics(system: System): Promise<string> {
  return (await fetch(`${system.controlPlane.apiUrl}/metrics`)).text();
}

async function updatesSent(system: System): Promise<number> {
  return metricValue(await controlPlaneMetrics(system), 'headgate_stream_updates_total');
}

async function resident(system: System): Promise<number> {
  return metricValue(await controlPlaneMetrics(system), 'process_resident_memory_bytes');
}

async function receivedBy(dataPlane: { metrics(): Promise<string> }): Promise<number> {
  return metricValue(await dataPlane.metrics(), 'headgate_snapshot_updates_total');
}
