import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WriteAnswer } from '../../src/harness/api-client.ts';
import { lookAt, type DataPlaneView } from '../../src/harness/data-plane-view.ts';
import { KeepAliveClient } from '../../src/harness/keep-alive-client.ts';
import { planePaths } from '../../src/harness/plane-paths.ts';
import { addHost, siteConfiguration, siteHost, writeSite } from '../../src/harness/site.ts';
import { System } from '../../src/harness/system.ts';
import { Traffic } from '../../src/harness/traffic.ts';
import { waitUntil } from '../../src/harness/wait-until.ts';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const tokenFiles = ['admin-token', 'join-token'];

describe('a store that is not what the data planes have followed', () => {
  let system: System;
  let dataDir: string;
  let traffic: Traffic;

  beforeAll(async () => {
    system = await System.start({ dataPlanes: 2 });
    dataDir = join(system.directory, 'control-plane');
    await writeSite(system);
    traffic = new Traffic({ port: system.dataPlane.port, host: siteHost });
  });
  afterAll(() => system.close());

  it('is an empty one: the data planes serve on, which is shown, and follow once it has a configuration', async () => {
    const { epoch } = await addHost(system, 'lost');
    await system.controlPlane.stop('SIGKILL');
    await loseDirectory(dataDir);
    await system.controlPlane.start();
    for (const id of ['dp-1', 'dp-2']) await shownAs(system, id, { problem: 'empty_epoch', epoch });
    await traffic.more(100);
    const written = await system.api.write('PUT', '/api/v1/config', siteConfiguration(system));
    expect(written.epoch).not.toBe(epoch);
    await servedByBoth(system, written);
    expect(await statusOf(system, 'lost.example.com')).toBe(404);
  }, 60_000);

  it('is an older copy, put back by hand: it is shown that they hold a later version, and nothing is obeyed', async () => {
    const copy = join(system.directory, 'older.db');
    await system.controlPlane.stop();
    await copyFile(join(dataDir, 'headgate.db'), copy);
    await system.controlPlane.start();
    const held = await addHosts(system, 'newer', 3);
    await system.controlPlane.stop();
    await putBack(copy, dataDir);
    await system.controlPlane.start();
    for (const id of ['dp-1', 'dp-2']) await shownAs(system, id, { problem: 'version_ahead', epoch: held.epoch });
    await addHost(system, 'other');
    expect(await lookAt(system.api, 'dp-1')).toMatchObject({ state: 'rejected', version: held.version });
    expect(await statusOf(system, 'newer-3.example.com')).toBe(200);
    expect(await statusOf(system, 'other.example.com')).toBe(404);
    // Past what they hold, the numbers grow again.
    await addHosts(system, 'past', 3);
    expect(await statusOf(system, 'other.example.com')).toBe(200);
    expect(await statusOf(system, 'newer-3.example.com')).toBe(404);
  }, 60_000);

  it('is a backup that was restored: a new epoch, which they follow knowingly', async () => {
    const backup = await system.api.request<{ name: string }>('POST', '/api/v1/backups');
    expect(backup.status).toBe(201);
    const held = await addHosts(system, 'after-backup', 3);
    await system.controlPlane.stop();
    const from = join(dataDir, 'backups', backup.body.name);
    await run(process.execPath, [planePaths.controlPlane, 'restore', '--from', from, '--data-dir', dataDir]);
    await traffic.more(100);
    await system.controlPlane.start();
    const newest = await system.api.request<{ version: number; epoch: string }>('GET', '/api/v1/versions/newest');
    expect(newest.body.epoch).not.toBe(held.epoch);
    await servedByBoth(system, newest.body);
    expect(await statusOf(system, siteHost)).toBe(200);
    expect(await statusOf(system, 'after-backup-1.example.com')).toBe(404);
    await addHosts(system, 'after-restore', 1);
    expect(await statusOf(system, 'after-restore-1.example.com')).toBe(200);
  }, 60_000);

  it('costs no request, whichever of these it was', async () => {
    expect(await traffic.stop()).toEqual([]);
  });
});

async function addHosts(system: System, name: string, count: number): Promise<WriteAnswer> {
  for (let index = 1; ; index++) {
    const written = await addHost(system, `${name}-${index}`);
    if (index === count) return servedByBoth(system, written);
  }
}

/** Stricter than convergence, which knows only of data planes that have come back since the last restart. */
async function servedByBoth<T extends { readonly version: number; readonly epoch: string }>(
  system: System,
  at: T,
): Promise<T> {
  for (const id of ['dp-1', 'dp-2']) {
    await waitUntil(`${id} serves version ${at.version}`, async () => {
      const view = await lookAt(system.api, id);
      return view?.state === 'live' && view.version === at.version && view.epoch === at.epoch;
    });
  }
  return at;
}

/** All is gone but the tokens, which an operator keeps elsewhere. */
async function loseDirectory(dataDir: string): Promise<void> {
  const tokens = await Promise.all(tokenFiles.map((file) => readFile(join(dataDir, file))));
  await rm(dataDir, { recursive: true });
  await mkdir(dataDir, { mode: 0o700 });
  await Promise.all(tokenFiles.map((file, index) => writeFile(join(dataDir, file), tokens[index]!, { mode: 0o600 })));
}

async function putBack(copy: string, dataDir: string): Promise<void> {
  for (const suffix of ['-wal', '-shm']) await rm(join(dataDir, `headgate.db${suffix}`), { force: true });
  await copyFile(copy, join(dataDir, 'headgate.db'));
}

async function shownAs(
  system: System,
  id: string,
  wanted: { readonly problem: string; readonly epoch: string },
): Promise<DataPlaneView> {
  return waitUntil(`${id} is shown as ${wanted.problem}`, async () => {
    const view = await lookAt(system.api, id);
    const is = view?.state === 'rejected' && view.problem?.code === wanted.problem && view.epoch === wanted.epoch;
    if (!is) throw new Error(`it is shown as ${JSON.stringify(view)}`);
    return view;
  });
}

async function statusOf(system: System, host: string): Promise<number> {
  const client = new KeepAliveClient(system.dataPlane.port);
  const { status } = await client.get(host);
  client.close();
  return status;
}
