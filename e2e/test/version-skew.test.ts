import { join } from 'node:path';
import { ConnectResponse, ObjectKind, SnapshotUpdate } from '@headgate/proto/generated/headgate/v1/control_plane';
import { DataPlaneProcess } from '../src/harness/data-plane-process.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { addHost, siteHost, writeSite } from '../src/harness/site.ts';
import { SnapshotRelay } from '../src/harness/snapshot-relay.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';
import { replaceObjects } from './replace-objects.ts';

/** Field 1000, a number, that no release knows so far. */
const unknownField = Buffer.from('c03e01', 'hex');
const NAME = 'of-another-release';

interface View {
  readonly state: string;
  readonly version: number;
  readonly lastNack?: { readonly version: number; readonly errors: readonly Readonly<Record<string, string>>[] };
}

describe('planes of different releases', () => {
  let system: System;
  let relay: SnapshotRelay;
  let dataPlane: DataPlaneProcess;

  beforeAll(async () => {
    system = await System.start();
    await writeSite(system);
    relay = await new SnapshotRelay(system.controlPlane.grpcAddress).start();
    relay.tamper = fromNewerControlPlane;
    relay.tamperUp = withUnknownField;
    dataPlane = await DataPlaneProcess.start({
      id: NAME,
      stateDir: join(system.directory, NAME),
      controlPlane: relay.address,
      joinToken: await system.controlPlane.joinToken(),
    });
  });
  afterAll(async () => {
    await dataPlane.stop('SIGKILL');
    relay.close();
    await system.close();
  });

  async function shown(): Promise<View> {
    return (await system.api.request('GET', `/api/v1/data-planes/${NAME}`)).body as unknown as View;
  }

  it('ignore fields that they do not know, in messages both ways and in every kind of object', async () => {
    const view = await waitUntil('it is live', async () => {
      const current = await shown();
      return current.state === 'live' && current;
    });
    expect(view.lastNack).toBeUndefined();
    const client = new KeepAliveClient(dataPlane.port);
    expect((await client.get(siteHost)).status).toBe(200);
    client.close();
  });

  it('refuse a snapshot that needs what they do not know, say what it is, and serve on', async () => {
    relay.tamper = needingMore;
    const { version } = await addHost(system, 'needs-more');
    const view = await waitUntil('the NACK is shown', async () => {
      const current = await shown();
      return current.lastNack?.version === version && current;
    });
    expect(view.state).toBe('rejected');
    expect(view.lastNack?.errors).toEqual([
      expect.objectContaining({ reason: 'needs "time-travel", upgrade this data plane' }),
    ]);
    const client = new KeepAliveClient(dataPlane.port);
    expect((await client.get(siteHost)).status).toBe(200);
    client.close();
    relay.tamper = (message) => message;
    await system.api.converge((await addHost(system, 'needs-nothing')).version);
  });
});

function withUnknownField(message: Uint8Array): Buffer {
  return Buffer.concat([message, unknownField]);
}

/** Every message and every object has a field more. */
function fromNewerControlPlane(message: Buffer): Buffer {
  const kinds = [ObjectKind.OBJECT_KIND_BACKEND, ObjectKind.OBJECT_KIND_SERVER, ObjectKind.OBJECT_KIND_HOST];
  return withUnknownField(kinds.reduce((bytes, kind) => replaceObjects(bytes, kind, withUnknownField), message));
}

function needingMore(message: Buffer): Buffer {
  const response = ConnectResponse.decode(message);
  if (response.message?.$case !== 'update') return message;
  const value = SnapshotUpdate.fromPartial({ ...response.message.value, requiredFeatures: ['time-travel'] });
  return Buffer.from(ConnectResponse.encode({ message: { $case: 'update', value } }).finish());
}
