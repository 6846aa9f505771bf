import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { lookAt } from '../../src/harness/data-plane-view.ts';
import { addHost, siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';

const HOUR_MS = 3_600_000;
const preload = pathToFileURL(join(import.meta.dirname, 'shifted-clock.mjs')).href;

describe('a control plane whose clock jumps', () => {
  let system: System;
  let directory: string;
  let clockFile: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headgate-clock-'));
    clockFile = join(directory, 'offset');
    await writeFile(clockFile, '0');
    system = await System.start({
      dataPlanes: 2,
      controlPlaneEnv: { NODE_OPTIONS: `--import=${preload}`, SHIFTED_CLOCK_FILE: clockFile },
    });
    await writeSite(system);
  });
  afterAll(async () => {
    await system.close();
    await rm(directory, { recursive: true, force: true });
  });

  it.each([
    ['by 2 hours', 2 * HOUR_MS],
    ['back by a day', -24 * HOUR_MS],
    ['to the right time again', 0],
  ])(
    '%s forgets nobody, ends no stream, and counts on',
    async (_, offsetMs) => {
      const [stays, goes] = system.dataPlanes;
      const traffic = new Traffic({ port: stays!.port, host: siteHost });
      const before = await addHost(system, `before-${offsetMs}`);
      await system.api.converge(before.version);
      const { connectedSince } = (await lookAt(system.api, 'dp-1'))!;
      await goes!.stop('SIGKILL');
      await waitUntil('it is gone', async () => (await lookAt(system.api, 'dp-2'))?.state === 'gone');

      await writeFile(clockFile, String(offsetMs));
      await traffic.more(200);
      const after = await addHost(system, `after-${offsetMs}`);
      expect(Math.abs((await timeOf(system, after.revision)) - Date.now() - offsetMs)).toBeLessThan(60_000);
      expect([after.revision, after.version]).toEqual([before.revision + 1, before.version + 1]);
      await system.api.converge(after.version);
      expect(await lookAt(system.api, 'dp-1')).toMatchObject({ state: 'live', connectedSince, staleSeconds: 0 });
      // Remembered for ten minutes, whatever the clock says.
      expect((await lookAt(system.api, 'dp-2'))?.state).toBe('gone');
      await goes!.start();
      await waitUntil('it is back', async () => (await lookAt(system.api, 'dp-2'))?.version === after.version);
      expect(await traffic.stop()).toEqual([]);
    },
    60_000,
  );
});

/** When the control plane believes that a revision was written. */
async function timeOf(system: System, revision: number): Promise<number> {
  const answer = await system.api.request<{ at: string }>('GET', `/api/v1/revisions/${revision}`);
  return Date.parse(answer.body.at);
}
