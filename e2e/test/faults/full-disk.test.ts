import { join } from 'node:path';
import { ControlPlaneProcess } from '../../src/harness/control-plane-process.ts';
import { DataPlaneProcess } from '../../src/harness/data-plane-process.ts';
import { DemoServer } from '../../src/harness/demo-server.ts';
import { siteConfiguration, siteHost } from '../../src/harness/site.ts';
import { SmallDisk } from '../../src/harness/small-disk.ts';
import { Traffic } from '../../src/harness/traffic.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';

const disk = SmallDisk.mount(32);
// Without root nothing can be mounted; the store's own tests reach a full disk in other ways.
const onSmallDisk = disk === undefined ? it.skip : it;

describe('a full disk under the control plane (needs the right to mount)', () => {
  const cleanups: (() => unknown)[] = [];
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    disk?.unmount();
  });

  onSmallDisk(
    'refuses writes with 507, while reads and streams go on, and writes again when there is room',
    async () => {
      const controlPlane = await ControlPlaneProcess.start({ dataDir: join(disk!.directory, 'data') });
      cleanups.push(() => controlPlane.stop('SIGKILL'));
      const stateDir = await mkdtemp(join(tmpdir(), 'headgate-'));
      cleanups.push(() => rm(stateDir, { recursive: true, force: true }));
      const server = await new DemoServer('server-1').start();
      cleanups.push(() => server.stop());
      const startDataPlane = async (id: string): Promise<DataPlaneProcess> => {
        const dataPlane = await DataPlaneProcess.start({
          id,
          stateDir: join(stateDir, id),
          controlPlane: controlPlane.grpcAddress,
          joinToken: await controlPlane.joinToken(),
        });
        cleanups.push(() => dataPlane.stop('SIGKILL'));
        return dataPlane;
      };
      const { api } = controlPlane;
      const first = await startDataPlane('first');
      const written = await api.write('PUT', '/api/v1/config', siteConfiguration({ servers: [server] }));
      await waitUntil('it is served', () => first.isReady());
      await api.converge(written.version);
      const traffic = new Traffic({ port: first.port, host: siteHost });

      const makeRoom = disk!.fill();
      const big = bigHost('big');
      for (let round = 0; round < 3; round++) {
        const refused = await api.request('PUT', '/api/v1/hosts/big.example.com', big);
        expect([refused.status, refused.body['code']]).toEqual([507, 'HEADGATE_STORE_FULL']);
      }
      expect((await api.request('GET', '/api/v1/hosts/big.example.com')).status).toBe(404);
      const config = await api.request<{ hosts: readonly { host: string }[] }>('GET', '/api/v1/config');
      expect([config.status, config.body.hosts.map(({ host }) => host)]).toEqual([200, [siteHost]]);
      expect((await fetch(`${controlPlane.apiUrl}/readyz`)).status).toBe(503);
      const second = await startDataPlane('second');
      await waitUntil('one that joins now is given the configuration', () => second.isReady());
      await api.converge(written.version);
      await traffic.more(200);

      makeRoom();
      const again = await waitUntil('writes succeed again', async () => {
        const answer = await api.request<{ version: number }>('PUT', '/api/v1/hosts/big.example.com', big);
        return answer.status === 201 && answer.body;
      });
      expect(again.version).toBeGreaterThan(written.version);
      await api.converge(again.version);
      expect(await traffic.stop()).toEqual([]);
    },
    60_000,
  );
});

/** More than what SQLite may still have room for in pages that it has. */
function bigHost(name: string): unknown {
  const routes = Array.from({ length: 500 }, (_, index) => ({
    match: { path: { exact: `/${'x'.repeat(200)}/${index}` } },
    backend: 'web',
  }));
  return { host: `${name}.example.com`, routes };
}
