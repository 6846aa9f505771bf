import { waitUntil } from '../src/harness/wait-until.ts';
import { ScaledSystem } from './scaling/scaled-system.ts';

export interface ScalingOptions {
  readonly requestsPerSecond: number;
  /** How often all of three data planes are replaced. */
  readonly replacements: number;
  /** How many data planes there are at most. */
  readonly peak: number;
}

/** Data planes come and go under load, as pods of a Deployment do. */
export function describeScaling({ requestsPerSecond, replacements, peak }: ScalingOptions): void {
  describe(`under ${requestsPerSecond} requests in each second`, () => {
    let scaled: ScaledSystem;
    beforeAll(async () => {
      scaled = await ScaledSystem.start(3);
    }, 60_000);
    afterAll(() => scaled.close());

    it(`three data planes are replaced ${replacements} times, and the control plane restarted, without a failure`, async () => {
      const load = scaled.load(requestsPerSecond);
      await load.more(requestsPerSecond);
      for (let round = 0; round < replacements; round++) {
        await scaled.replaceAll();
        await scaled.system.controlPlane.stop('SIGTERM');
        await load.more(requestsPerSecond);
        await scaled.system.controlPlane.start();
      }
      const { rate } = load;
      expect(await load.stop()).toEqual([]);
      expect(rate).toBeGreaterThan(requestsPerSecond * 0.9);
      console.log(`${load.answered} requests, ${rate.toFixed(0)} in each second, none failed`);
    }, 600_000);

    it(`they become ${peak}, each ready with the newest version alone, and fewer again, without a failure`, async () => {
      await scaled.shrink(scaled.size - 1);
      const load = scaled.load(requestsPerSecond);
      while (scaled.size < peak) {
        const { newest, served } = await scaled.grow(Math.min(4, peak - scaled.size));
        for (const version of served) expect(version).toBeGreaterThanOrEqual(newest);
      }
      await load.more(requestsPerSecond);
      const shown = await itemsOf(scaled);
      expect(shown.find(({ id }) => id === scaled.names.at(-1))?.labels).toEqual({
        node: expect.stringMatching(/^node-\d+$/) as string,
        zone: '',
      });
      while (scaled.size > 1) await scaled.shrink(Math.min(4, scaled.size - 1));
      const { rate } = load;
      expect(await load.stop()).toEqual([]);
      expect(rate).toBeGreaterThan(requestsPerSecond * 0.9);
      console.log(`${load.answered} requests, ${rate.toFixed(0)} in each second, none failed`);
    }, 600_000);

    it('those that have gone are forgotten, and their metrics too', async () => {
      await waitUntil('the last one alone is known', async () => {
        const ids = (await itemsOf(scaled)).map(({ id }) => id);
        return ids.length === 1 && ids[0] === scaled.names[0];
      });
      const metrics = (await scaled.system.api.request<string>('GET', '/metrics')).body;
      const named = new Set([...metrics.matchAll(/data_plane="([^"]*)"/g)].map(([, id]) => id));
      expect([...named]).toEqual(scaled.names);
    });

    it('while the control plane is away, new ones wait for a configuration, and those with a copy serve it', async () => {
      const load = scaled.load(requestsPerSecond / 2);
      await scaled.grow(1);
      await scaled.system.controlPlane.stop('SIGKILL');
      const [fresh] = await scaled.launch(1);
      await fresh!.child.waitForLog(({ msg }) => msg?.startsWith('no stream to a control plane') === true);
      const readyz = await fetch(`${fresh!.adminUrl}/readyz`);
      expect([readyz.status, await readyz.json()]).toMatchObject([503, { reason: 'no_configuration' }]);
      const known = await scaled.restartOldest();
      expect(await scaled.ready(known)).toBeGreaterThan(0);
      await load.more(requestsPerSecond / 2);
      expect(scaled.splitter.firstReady(fresh!)).toBeUndefined();
      await scaled.system.controlPlane.start();
      await scaled.ready(fresh!);
      expect(await load.stop()).toEqual([]);
    }, 60_000);
  });
}

async function itemsOf({ system }: ScaledSystem) {
  type Item = { readonly id: string; readonly labels: Readonly<Record<string, string>> };
  return (await system.api.request<{ items: readonly Item[] }>('GET', '/api/v1/data-planes')).body.items;
}
