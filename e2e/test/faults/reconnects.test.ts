import { RawDataPlane } from '@headgate/control-plane/stream/raw-data-plane.cases';
import { lookAt } from '../../src/harness/data-plane-view.ts';
import { metricValue } from '../../src/harness/metric-value.ts';
import { siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';

const RECONNECTS = 1_000;

describe('a data plane that loses its stream a thousand times while nothing changes', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start();
    await writeSite(system);
  });
  afterAll(() => system.close());

  it('is sent no snapshot again', async () => {
    const traffic = new Traffic({ port: system.dataPlane.port, host: siteHost, pauseMs: 10 });
    const port = Number(system.controlPlane.grpcAddress.split(':').at(-1));
    const options = { port, token: await system.controlPlane.joinToken() };
    const first = new RawDataPlane(options);
    first.hello('restless');
    expect((await first.next('welcome')).updateFollows).toBe(true);
    const { epoch, version, digest } = await first.accept();
    await waitUntil('it is live', async () => (await lookAt(system.api, 'restless'))?.state === 'live');
    first.close();
    const before = await sent(system);

    for (let count = 0; count < RECONNECTS; count++) {
      const again = new RawDataPlane(options);
      again.hello('restless', { epoch, version, digest });
      expect((await again.next('welcome')).updateFollows).toBe(false);
      again.close();
    }
    const last = new RawDataPlane(options);
    last.hello('restless', { epoch, version, digest });
    await last.next('welcome');
    await waitUntil('it is live', async () => (await lookAt(system.api, 'restless'))?.state === 'live');
    expect(await sent(system)).toEqual(before);
    expect(last.received.filter(({ $case }) => $case !== 'sessionKeys')).toEqual([]);
    last.close();
    expect(await traffic.stop()).toEqual([]);
  }, 90_000);
});

async function sent(system: System): Promise<{ readonly updates: number; readonly bytes: number }> {
  const text = await (await fetch(`${system.controlPlane.apiUrl}/metrics`)).text();
  return {
    updates: metricValue(text, 'headgate_stream_updates_total'),
    bytes: metricValue(text, 'headgate_stream_sent_bytes_total'),
  };
}
