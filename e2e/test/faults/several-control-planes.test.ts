import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ControlPlaneProcess } from '../../src/harness/control-plane-process.ts';
import { DataPlaneProcess } from '../../src/harness/data-plane-process.ts';
import { lookAt } from '../../src/harness/data-plane-view.ts';
import { addHost, siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';

describe('a data plane with several addresses of control planes', () => {
  let system: System;
  let dataPlane: DataPlaneProcess;
  let other: ControlPlaneProcess;

  beforeAll(async () => {
    system = await System.start();
    await writeSite(system);
    other = await ControlPlaneProcess.start({
      dataDir: join(system.directory, 'other'),
      env: { HEADGATE_JOIN_TOKEN: await system.controlPlane.joinToken() },
    });
    dataPlane = await DataPlaneProcess.start({
      id: 'several',
      stateDir: join(system.directory, 'several'),
      controlPlane: [await deadAddress(), system.controlPlane.grpcAddress, other.grpcAddress].join(','),
      joinToken: await system.controlPlane.joinToken(),
    });
  });
  afterAll(async () => {
    await dataPlane.stop('SIGKILL');
    await other.stop('SIGKILL');
    await system.close();
  });

  it('uses the second when the first is dead', async () => {
    await waitUntil('it is live', async () => (await lookAt(system.api, 'several'))?.state === 'live');
    const { version } = await addHost(system, 'by-the-second');
    await system.api.converge(version);
  });

  it('goes round when that one dies: an empty store is shown and not obeyed, and the second is followed again', async () => {
    const traffic = new Traffic({ port: dataPlane.port, host: siteHost });
    await system.controlPlane.stop('SIGKILL');
    await waitUntil('the third shows that it is not followed', async () => {
      return (await lookAt(other.api, 'several'))?.problem?.code === 'empty_epoch';
    });
    await other.stop('SIGKILL');
    await system.controlPlane.start();
    const { version } = await addHost(system, 'by-the-second-again');
    await waitUntil('it is live', async () => (await lookAt(system.api, 'several'))?.version === version);
    expect(await traffic.stop()).toEqual([]);
  }, 60_000);
});

/** Where nobody listens. */
async function deadAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}
