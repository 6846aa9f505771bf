import type { DataPlaneProcess } from '../src/harness/data-plane-process.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const HOST = 'app.example.com';

async function readyz({ adminUrl }: DataPlaneProcess): Promise<{ readonly status: number; readonly reason?: string }> {
  const answer = await fetch(`${adminUrl}/readyz`);
  const { reason } = (await answer.json()) as { reason?: string };
  return { status: answer.status, ...(reason === undefined ? {} : { reason }) };
}

async function becomes(plane: DataPlaneProcess, wanted: { readonly status: number; readonly reason?: string }) {
  await waitUntil(`readyz is ${JSON.stringify(wanted)}`, async () => {
    const now = await readyz(plane);
    return now.status === wanted.status && now.reason === wanted.reason;
  });
}

async function served(plane: DataPlaneProcess): Promise<number> {
  const client = new KeepAliveClient(plane.port);
  const { status } = await client.get(HOST);
  client.close();
  return status;
}

async function startSystem(dataPlaneEnv: Readonly<Record<string, string>>): Promise<System> {
  const system = await System.start({ dataPlaneEnv });
  const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
  const configuration = { backends: [{ name: 'web', servers }], hosts: [{ host: HOST, backend: 'web' }] };
  const { version } = await system.api.write('PUT', '/api/v1/config', configuration);
  await system.api.converge(version);
  return system;
}

/** Until the copy on disk has a configuration, which may be a second after it was acknowledged. */
async function copied(plane: DataPlaneProcess): Promise<void> {
  await waitUntil('the configuration is on disk', async () =>
    /^headgate_disk_copy_version [1-9]/m.test(await plane.metrics()),
  );
}

describe('the readiness of a data plane', () => {
  it('ends when nobody confirms what it serves for too long, while it serves on, and comes back', async () => {
    const system = await startSystem({ HEADGATE_STALE_AFTER: '1s' });
    try {
      await becomes(system.dataPlane, { status: 200 });
      await system.controlPlane.stop('SIGKILL');
      await becomes(system.dataPlane, { status: 503, reason: 'stale' });
      expect(await served(system.dataPlane)).toBe(200);
      await system.controlPlane.start();
      await becomes(system.dataPlane, { status: 200 });
    } finally {
      await system.close();
    }
  });

  it('waits for a control plane to confirm the copy on disk where that is wanted, while the copy is served', async () => {
    const system = await startSystem({ HEADGATE_START_FROM_COPY: 'false' });
    try {
      await copied(system.dataPlane);
      await system.controlPlane.stop('SIGKILL');
      await system.dataPlane.stop('SIGKILL');
      await system.dataPlane.start();
      await becomes(system.dataPlane, { status: 503, reason: 'unconfirmed' });
      expect(await served(system.dataPlane)).toBe(200);
      await system.controlPlane.start();
      await becomes(system.dataPlane, { status: 200 });
    } finally {
      await system.close();
    }
  });
});
