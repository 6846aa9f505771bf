import type { DataPlaneView } from '../../src/harness/data-plane-view.ts';
import { metricValue } from '../../src/harness/metric-value.ts';
import { addHost, siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';
import { LowerEnd } from '../stream-link.ts';

const STREAMS = 300;

describe(`a control plane that is killed under ${STREAMS} streams`, () => {
  let system: System;
  const ends: LowerEnd[] = [];

  beforeAll(async () => {
    system = await System.start();
    await writeSite(system);
    const port = Number(system.controlPlane.grpcAddress.split(':').at(-1));
    const joinToken = await system.controlPlane.joinToken();
    for (let index = 0; index < STREAMS; index++) {
      // The pauses of a data plane as it runs.
      const timing = { backoffBaseMs: 100, backoffMaxMs: 5_000 };
      ends.push(new LowerEnd({ id: `stream-${index}`, ports: [port], joinToken, timing }));
    }
    for (const end of ends) end.client.start();
    await waitUntil('all are live', async () => (await live(system)).length === STREAMS + 1, 30_000);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(ends.map((end) => end.client.close()));
    await system.close();
  }, 60_000);

  it('has all of them back after its restart, spread over time, and sends each what it lacks, once', async () => {
    const traffic = new Traffic({ port: system.dataPlane.port, host: siteHost, pauseMs: 10 });
    await system.controlPlane.stop('SIGKILL');
    await waitUntil('all have noticed', () => ends.every(({ status }) => !status.connected));
    await system.controlPlane.start();
    const { version } = await addHost(system, 'after');
    const views = await waitUntil('all are live', async () => all(await live(system)), 60_000);

    expect(new Set(views.map((view) => view.version))).toEqual(new Set([version]));
    expect(ends.every((end) => end.version === version)).toBe(true);
    const arrivals = views.map(({ connectedSince }) => Date.parse(connectedSince!));
    // Without jitter all would come back within a few milliseconds of each other.
    expect(Math.max(...arrivals) - Math.min(...arrivals)).toBeGreaterThan(100);
    const metrics = await (await fetch(`${system.controlPlane.apiUrl}/metrics`)).text();
    expect(metricValue(metrics, 'headgate_stream_refusals_total')).toBe(0);
    expect(metricValue(metrics, 'headgate_stream_updates_total', { kind: 'full' })).toBe(0);
    expect(metricValue(metrics, 'headgate_stream_updates_total', { kind: 'delta' })).toBe(STREAMS + 1);
    expect(await traffic.stop()).toEqual([]);
  }, 90_000);
});

function all(views: readonly DataPlaneView[]): readonly DataPlaneView[] | undefined {
  return views.length === STREAMS + 1 ? views : undefined;
}

async function live(system: System): Promise<readonly DataPlaneView[]> {
  const { body } = await system.api.request<{ items: readonly DataPlaneView[] }>(
    'GET',
    '/api/v1/data-planes?limit=1000',
  );
  return body.items.filter(({ state }) => state === 'live');
}
