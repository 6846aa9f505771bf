import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

describe('a data plane that starts while the control plane is away', () => {
  let system: System;
  let stateDir: string;

  beforeAll(async () => {
    system = await System.start();
    stateDir = join(system.directory, 'data-plane-1');
    const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [{ name: 'web', servers }],
      hosts: [{ host: 'app.example.com', backend: 'web' }],
    });
    await system.api.converge(version);
    await copied(system, version); // what comes later goes into the journal
  });
  afterAll(() => system.close());

  it('serves from its disk copy and says how old that is', async () => {
    await addHosts(system, 'kept');
    await system.controlPlane.stop('SIGKILL');
    await restart(system);
    expect(await statusOf(system, 'app.example.com')).toBe(200);
    expect(await statusOf(system, 'kept-9.example.com')).toBe(200);
    expect(await system.dataPlane.metrics()).toMatch(/headgate_snapshot_age_seconds \d/);
    const ready = (await (await fetch(`${system.dataPlane.adminUrl}/readyz`)).json()) as Record<string, unknown>;
    expect(ready).toMatchObject({ source: 'disk', connected: false });
  });

  it('falls back to what came before a torn or flipped end, and never fails to start', async () => {
    for (const damage of [tear, flip]) {
      await damage(await newestFile(stateDir));
      await restart(system);
      expect(await statusOf(system, 'app.example.com')).toBe(200);
    }
  });

  it('follows the control plane again when that is back', async () => {
    await system.controlPlane.start();
    const { version } = await system.api.write('PUT', '/api/v1/hosts/later.example.com', {
      host: 'later.example.com',
      backend: 'web',
    });
    await system.api.converge(version);
    expect(await statusOf(system, 'later.example.com')).toBe(200);
    expect(await statusOf(system, 'kept-9.example.com')).toBe(200);
  });
});

async function addHosts(system: System, name: string): Promise<void> {
  let last = 0;
  for (let index = 0; index < 10; index++) {
    const host = `${name}-${index}.example.com`;
    last = (await system.api.write('PUT', `/api/v1/hosts/${host}`, { host, backend: 'web' })).version;
  }
  await system.api.converge(last);
  await copied(system, last);
}

async function copied(system: System, version: number): Promise<void> {
  await waitUntil('the disk copy has followed', async () =>
    new RegExp(`^headgate_disk_copy_version ${version}$`, 'm').test(await system.dataPlane.metrics()),
  );
}

async function restart(system: System): Promise<void> {
  await system.dataPlane.stop('SIGKILL');
  await system.dataPlane.start();
  await waitUntil('it is ready', async () => {
    const answer = await fetch(`${system.dataPlane.adminUrl}/readyz`);
    if (answer.status !== 200) throw new Error(`${await answer.text()}\n${system.dataPlane.child.output}`);
    return true;
  });
}

async function statusOf(system: System, host: string): Promise<number> {
  const client = new KeepAliveClient(system.dataPlane.port);
  const { status } = await client.get(host);
  client.close();
  return status;
}

async function newestFile(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => /snapshot|base|journal/.test(name));
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(directory, name), ...(await stat(join(directory, name))) })),
  );
  const filled = files.filter(({ size }) => size > 0).sort((a, b) => b.mtimeMs - a.mtimeMs);
  return filled[0]!.path;
}

async function tear(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.truncate((await file.stat()).size - 5);
  await file.close();
}

async function flip(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, size - 10);
  byte[0]! ^= 0x40;
  await file.write(byte, 0, 1, size - 10);
  await file.close();
}
