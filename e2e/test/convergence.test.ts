import { join } from 'node:path';
import { Host, ObjectKind } from '@headgate/proto/generated/headgate/v1/control_plane';
import { DataPlaneProcess } from '../src/harness/data-plane-process.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { replaceObjects } from './replace-objects.ts';
import { SnapshotRelay } from '../src/harness/snapshot-relay.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

interface Convergence {
  readonly converged: boolean;
  readonly dataPlanes: readonly { readonly id: string; readonly state: string; readonly serves: boolean }[];
}

/** Three data planes, one of them behind a relay that can spoil what it gets. */
describe('the convergence of a version', () => {
  let system: System;
  let relay: SnapshotRelay;
  let relayed: DataPlaneProcess;
  let rounds = 0;

  beforeAll(async () => {
    system = await System.start({
      dataPlanes: 2,
      controlPlaneEnv: { HEADGATE_FORGET_DATA_PLANES: '1h' },
      dataPlaneEnv: { HEADGATE_VERSION_HEADER: 'true' },
    });
    relay = await new SnapshotRelay(system.controlPlane.grpcAddress).start();
    relayed = await DataPlaneProcess.start({
      id: 'dp-3',
      stateDir: join(system.directory, 'data-plane-3'),
      controlPlane: relay.address,
      joinToken: await system.controlPlane.joinToken(),
      env: { HEADGATE_VERSION_HEADER: 'true' },
    });
    await system.api.write('PUT', '/api/v1/backends/web', {
      servers: system.servers.map(({ port }) => ({ address: '127.0.0.1', port })),
    });
    await waitUntil('the third data plane has joined', async () => {
      const { body } = await system.api.request<{ items: readonly unknown[] }>('GET', '/api/v1/data-planes');
      return body.items.length === 3;
    });
  });

  afterAll(async () => {
    await relayed.stop('SIGKILL');
    relay.close();
    await system.close();
  });

  function plane(id: string): DataPlaneProcess {
    return id === 'dp-3' ? relayed : system.dataPlanes[Number(id.slice(3)) - 1]!;
  }

  /** A host that no version before has. */
  async function addRoute(): Promise<{ readonly host: string; readonly version: number }> {
    const host = `round-${++rounds}.example.com`;
    const { version } = await system.api.write('PUT', `/api/v1/hosts/${host}`, { backend: 'web' });
    return { host, version };
  }

  async function converge(version: number, query: string): Promise<Convergence> {
    const answer = await system.api.request<Convergence>('GET', `/api/v1/versions/${version}/convergence?${query}`);
    expect(answer.status).toBe(200);
    return answer.body;
  }

  function statesOf({ dataPlanes }: Convergence): Readonly<Record<string, string>> {
    return Object.fromEntries(dataPlanes.map(({ id, state }) => [id, state]));
  }

  /** Whoever is said to serve the version routes by it, and says so. */
  async function expectTraffic(answer: Convergence, { host, version }: Awaited<ReturnType<typeof addRoute>>) {
    for (const { id, serves } of answer.dataPlanes) {
      if (!serves) continue;
      const got = await ask(plane(id).port, host);
      expect({ id, ...got }).toEqual({ id, status: 200, version: expect.any(Number) });
      expect(got.version).toBeGreaterThanOrEqual(version);
    }
  }

  it('is answered as soon as the last data plane serves it', async () => {
    for (let round = 0; round < 20; round++) {
      const added = await addRoute();
      const answer = await converge(added.version, 'wait=60s');
      expect(answer).toMatchObject({ converged: true });
      expect(statesOf(answer)).toEqual({ 'dp-1': 'live', 'dp-2': 'live', 'dp-3': 'live' });
      await expectTraffic(answer, added);
    }
  });

  it('is not there before the last one has acknowledged, however long that takes', async () => {
    const release = relay.hold();
    const added = await addRoute();
    const waiting = converge(added.version, 'wait=60s');
    const before = await waitUntil('the others are live', async () => {
      const answer = await converge(added.version, 'wait=0s');
      return answer.dataPlanes.filter(({ serves }) => serves).length === 2 && answer;
    });
    expect(before.converged).toBe(false);
    expect(statesOf(before)).toEqual({ 'dp-1': 'live', 'dp-2': 'live', 'dp-3': 'lagging' });
    await expectTraffic(before, added);
    expect(await ask(relayed.port, added.host)).toMatchObject({ status: 404, version: added.version - 1 });
    release();
    const answer = await waiting;
    expect(answer.converged).toBe(true);
    await expectTraffic(answer, added);
  });

  it('names the one that has refused it, and comes with the next good version', async () => {
    relay.tamper = spoil;
    const added = await addRoute();
    await waitUntil('the refusal is known', async () => {
      return statesOf(await converge(added.version, 'wait=0s'))['dp-3'] === 'rejected';
    });
    const answer = await converge(added.version, 'wait=1s');
    expect(answer.converged).toBe(false);
    expect(statesOf(answer)).toEqual({ 'dp-1': 'live', 'dp-2': 'live', 'dp-3': 'rejected' });
    await expectTraffic(answer, added);
    expect((await ask(relayed.port, added.host)).status).toBe(404);
    relay.tamper = (message) => message;
    const next = await addRoute();
    const healed = await converge(next.version, 'wait=60s');
    expect(healed.converged).toBe(true);
    await expectTraffic(healed, next);
  });

  it('names the one that is stopped, and comes when it goes on', async () => {
    const stopped = plane('dp-2').child;
    stopped.signal('SIGSTOP');
    const added = await addRoute();
    await waitUntil('the others are live', async () => {
      return (await converge(added.version, 'wait=0s')).dataPlanes.filter(({ serves }) => serves).length === 2;
    });
    const answer = await converge(added.version, 'wait=1s');
    expect(answer.converged).toBe(false);
    expect(statesOf(answer)).toEqual({ 'dp-1': 'live', 'dp-2': 'lagging', 'dp-3': 'live' });
    await expectTraffic(answer, added);
    const waiting = converge(added.version, 'wait=60s');
    stopped.signal('SIGCONT');
    const later = await waiting;
    expect(later.converged).toBe(true);
    await expectTraffic(later, added);
  });

  it('names the one that has vanished, until it is ignored, forgotten or back', async () => {
    await plane('dp-1').stop('SIGKILL');
    const added = await addRoute();
    await waitUntil('it is gone', async () => {
      return statesOf(await converge(added.version, 'wait=0s'))['dp-1'] === 'gone';
    });
    const answer = await converge(added.version, 'wait=1s');
    expect(answer.converged).toBe(false);
    expect(statesOf(answer)).toEqual({ 'dp-1': 'gone', 'dp-2': 'live', 'dp-3': 'live' });
    await expectTraffic(answer, added);
    expect(await converge(added.version, 'wait=60s&ignore=gone')).toMatchObject({ converged: true });

    const waiting = converge(added.version, 'wait=60s');
    expect((await system.api.request('DELETE', '/api/v1/data-planes/dp-2')).status).toBe(409);
    expect((await system.api.request('DELETE', '/api/v1/data-planes/dp-1')).status).toBe(204);
    expect(statesOf(await waiting)).toEqual({ 'dp-2': 'live', 'dp-3': 'live' });

    await plane('dp-1').start();
    const back = await waitUntil('it is back', async () => {
      const now = await converge(added.version, 'wait=60s');
      return now.dataPlanes.length === 3 && now.converged && now;
    });
    await expectTraffic(back, added);
  });

  it('is told by events as it comes about', async () => {
    const abort = new AbortController();
    const token = await system.controlPlane.adminToken();
    const events = await fetch(`${system.controlPlane.apiUrl}/api/v1/events?types=version,ack`, {
      headers: { authorization: `Bearer ${token}` },
      signal: abort.signal,
    });
    const added = await addRoute();
    await converge(added.version, 'wait=60s');
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of events.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if ((text.match(/^event: ack$/gm) ?? []).length === 3) break;
    }
    abort.abort();
    const told = [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, type = '', data = '']) => {
      return { type, ...(JSON.parse(data) as { version: number; dataPlane?: string }) };
    });
    expect(told.map(({ type }) => type)).toEqual(['version', 'ack', 'ack', 'ack']);
    expect(told.every(({ version }) => version === added.version)).toBe(true);
    expect(told.map(({ dataPlane }) => dataPlane).sort()).toEqual(['dp-1', 'dp-2', 'dp-3', undefined]);
  });
});

async function ask(port: number, host: string): Promise<{ readonly status: number; readonly version: number }> {
  const client = new KeepAliveClient(port);
  const { status, headers } = await client.get(host);
  client.close();
  return { status, version: Number(headers['headgate-version']) };
}

/** Sends hosts to a backend that is not there. */
function spoil(bytes: Buffer): Buffer {
  return replaceObjects(bytes, ObjectKind.OBJECT_KIND_HOST, (body) => {
    const host = Host.decode(body);
    const routes = host.routes.map((route) => ({ ...route, backend: 'nowhere' }));
    return Host.encode({ ...host, routes }).finish();
  });
}
