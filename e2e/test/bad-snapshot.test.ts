import { join } from 'node:path';
import { ObjectKind, Server } from '@headgate/proto/generated/headgate/v1/control_plane';
import { DataPlaneProcess } from '../src/harness/data-plane-process.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { replaceObjects } from './replace-objects.ts';
import { SnapshotRelay } from '../src/harness/snapshot-relay.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const BAD_VERSIONS = 200;

interface DataPlaneView {
  readonly state: string;
  readonly version: number;
  readonly lastNack?: {
    readonly version: number;
    readonly errors: readonly { object: string; field: string; reason: string }[];
  };
}

describe('a snapshot that a data plane cannot serve', () => {
  let system: System;
  let relay: SnapshotRelay;
  let dataPlane: DataPlaneProcess;
  let client: KeepAliveClient;
  let good: number;

  beforeAll(async () => {
    system = await System.start({ dataPlanes: 1 });
    relay = await new SnapshotRelay(system.controlPlane.grpcAddress).start();
    dataPlane = await DataPlaneProcess.start({
      id: 'behind-a-relay',
      stateDir: join(system.directory, 'behind-a-relay'),
      controlPlane: relay.address,
      joinToken: await system.controlPlane.joinToken(),
    });
    await waitUntil('it has joined through the relay', async () => (await look(system)).state === 'live');
    client = new KeepAliveClient(dataPlane.port);
    good = (await system.api.write('PUT', '/api/v1/config', configuration(system))).version;
    await system.api.converge(good);
  });

  afterAll(async () => {
    client.close();
    await dataPlane.stop('SIGKILL');
    relay.close();
    await system.close();
  });

  it('is answered by a NACK that names object and field, and changes nothing for traffic', async () => {
    relay.tamper = breakServers;
    for (let round = 1; round <= BAD_VERSIONS; round++) {
      const { version } = await setWeight(system, 1 + round);
      const view = await waitUntil(`the control plane shows the NACK of version ${version}`, async () => {
        const current = await look(system);
        return current.lastNack?.version === version && current;
      });
      expect(view).toMatchObject({ state: 'rejected', version: good });
      expect(view.lastNack?.errors[0]).toMatchObject({
        object: `server/web/127.0.0.1:${system.servers[0]!.port}`,
        field: '/weight',
        reason: expect.any(String),
      });
      expect((await client.get('app.example.com')).status).toBe(200);
      await expectConvergence(system, version, { 'behind-a-relay': 'rejected', 'dp-1': 'live' });
    }
    expect(client.connections).toBe(1);
  }, 120_000);

  it('is followed by the next good one', async () => {
    relay.tamper = (message) => message;
    const { version } = await setWeight(system, 500);
    await system.api.converge(version);
    expect(await look(system)).toMatchObject({ state: 'live', version });
    expect((await client.get('app.example.com')).status).toBe(200);
  });
});

function configuration(system: System): unknown {
  const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
  return { backends: [{ name: 'web', servers }], hosts: [{ host: 'app.example.com', backend: 'web' }] };
}

function setWeight(system: System, weight: number): Promise<{ version: number }> {
  const server = { address: '127.0.0.1', port: system.servers[0]!.port, weight };
  return system.api.write('PUT', `/api/v1/backends/web/servers/127.0.0.1:${server.port}`, server);
}

async function look(system: System): Promise<DataPlaneView> {
  return (await system.api.request('GET', '/api/v1/data-planes/behind-a-relay')).body as unknown as DataPlaneView;
}

async function expectConvergence(
  system: System,
  version: number,
  states: Readonly<Record<string, string>>,
): Promise<void> {
  const answer = await waitUntil('the other data plane is live', async () => {
    const current = await system.api.request('GET', `/api/v1/versions/${version}/convergence`);
    const planes = current.body['dataPlanes'] as readonly { id: string; state: string }[];
    return planes.find(({ id }) => id === 'dp-1')?.state === 'live' && { converged: current.body['converged'], planes };
  });
  expect(answer.converged).toBe(false);
  expect(Object.fromEntries(answer.planes.map(({ id, state }) => [id, state]))).toEqual(states);
}

/** Gives every server a weight that cannot be. */
function breakServers(bytes: Buffer): Buffer {
  return replaceObjects(bytes, ObjectKind.OBJECT_KIND_SERVER, (body) =>
    Server.encode({ ...Server.decode(body), weight: 70_000 }).finish(),
  );
}
