import { join } from 'node:path';
import { lookAt } from '../../src/harness/data-plane-view.ts';
import { DataPlaneProcess } from '../../src/harness/data-plane-process.ts';
import { metricValue } from '../../src/harness/metric-value.ts';
import { addHost, siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';
import { SilentProxy } from '../silent-proxy.ts';

/** Keepalive: asked after 15 s of silence, given up 10 s later. */
const NOTICED_WITHIN_MS = 30_000;

describe('a stream whose network goes silent without an end', () => {
  let system: System;
  let proxy: SilentProxy;
  let dataPlane: DataPlaneProcess;

  beforeAll(async () => {
    system = await System.start();
    const [host, port] = system.controlPlane.grpcAddress.split(':');
    proxy = new SilentProxy(Number(port));
    dataPlane = await DataPlaneProcess.start({
      id: 'behind-a-proxy',
      stateDir: join(system.directory, 'behind-a-proxy'),
      controlPlane: `${host}:${await proxy.start()}`,
      joinToken: await system.controlPlane.joinToken(),
    });
    await writeSite(system);
    await waitUntil('it is live', async () => (await lookAt(system.api, 'behind-a-proxy'))?.state === 'live');
  });
  afterAll(async () => {
    await dataPlane.stop('SIGKILL');
    await proxy.close();
    await system.close();
  });

  it('is noticed at both ends within 30 s, holds nobody back, and costs no request', async () => {
    const traffic = new Traffic({ port: dataPlane.port, host: siteHost, pauseMs: 10 });
    proxy.fallSilent();
    const { version } = await addHost(system, 'unheard');
    await waitUntil(
      'the other data plane is live',
      async () => (await lookAt(system.api, 'dp-1'))?.version === version,
    );
    await Promise.all([
      waitUntil(
        'the control plane has noticed',
        async () => (await lookAt(system.api, 'behind-a-proxy'))?.state === 'gone',
        NOTICED_WITHIN_MS,
      ),
      waitUntil(
        'the data plane has noticed',
        async () => metricValue(await dataPlane.metrics(), 'headgate_control_plane_connected') === 0,
        NOTICED_WITHIN_MS,
      ),
    ]);
    expect(metricValue(await dataPlane.metrics(), 'headgate_snapshot_version')).toBe(version - 1);
    expect(await traffic.stop()).toEqual([]);
  }, 60_000);
});
