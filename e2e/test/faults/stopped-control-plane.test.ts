import { lookAt } from '../../src/harness/data-plane-view.ts';
import { addHost, siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';

describe('a control plane that is stopped (SIGSTOP) and goes on (SIGCONT)', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start();
    await writeSite(system);
  });
  afterAll(() => system.close());

  it('costs no request, and is followed again from where it was', async () => {
    const traffic = new Traffic({ port: system.dataPlane.port, host: siteHost });
    const child = system.controlPlane.child;
    for (let round = 1; round <= 3; round++) {
      child.signal('SIGSTOP');
      // Written while it is stopped: the request waits in its socket and is answered afterwards.
      const waiting = addHost(system, `waited-${round}`);
      await traffic.more(400);
      child.signal('SIGCONT');
      const { version } = await waiting;
      await system.api.converge(version);
      expect(await lookAt(system.api, 'dp-1')).toMatchObject({ state: 'live', version });
    }
    expect(await traffic.stop()).toEqual([]);
  }, 60_000);
});
