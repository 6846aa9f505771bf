import { join } from 'node:path';
import { ControlPlaneProcess } from '../src/harness/control-plane-process.ts';
import { DataPlaneProcess } from '../src/harness/data-plane-process.ts';
import { metricValue } from '../src/harness/metric-value.ts';
import { siteHost } from '../src/harness/site.ts';
import { SteadyLoad } from '../src/harness/steady-load.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const TTL_MS = 2_000;
const BEAT_MS = 500;
const BACKEND = '/api/v1/backends/web';
const SERVERS = 5;

interface Registered {
  readonly address: string;
  readonly port: number;
  readonly lastHeartbeat?: string;
  readonly expiresIn: string;
  readonly paused: boolean;
}

interface Registrations {
  readonly items: readonly Registered[];
  readonly pausedUntil?: string;
}

describe('registrations', () => {
  let system: System;
  let load: SteadyLoad;
  const hearts = new Map<number, NodeJS.Timeout>();
  beforeAll(async () => {
    system = await System.start({ servers: SERVERS + 1 });
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [{ name: 'web', registration: { ttl: `${TTL_MS / 1_000}s` } }],
      hosts: [{ host: siteHost, backend: 'web' }],
    });
    await system.api.converge(version);
    for (const { port } of system.servers.slice(0, SERVERS)) await register(port);
    for (const { port } of system.servers.slice(0, SERVERS)) beat(port);
    await waitUntil('all are served', async () => (await served(system.dataPlane)).length === SERVERS);
    load = new SteadyLoad({ port: system.dataPlane.port, host: siteHost, requestsPerSecond: 50 });
  }, 60_000);
  afterAll(async () => {
    for (const port of [...hearts.keys()]) silence(port);
    load.abort();
    await system.close();
  });

  const pathOf = (port: number) => `${BACKEND}/registrations/127.0.0.1:${port}`;
  const register = (port: number) => system.api.request('PUT', pathOf(port));
  const portsOf = ({ items }: Registrations) => items.map(({ port }) => port).sort();
  const wanted = () => [...hearts.keys()].sort();

  async function registrations(): Promise<Registrations> {
    return (await system.api.request<Registrations>('GET', `${BACKEND}/registrations`)).body;
  }

  function beat(port: number): void {
    // While the control plane is away, beats fail, as those of real servers do.
    const send = () => void register(port).catch(() => undefined);
    hearts.set(port, setInterval(send, BEAT_MS));
  }

  function silence(port: number): void {
    clearInterval(hearts.get(port));
    hearts.delete(port);
  }

  /** How long ago the server was heard of that was heard of last, by the control plane's clock, in milliseconds. */
  async function silentFor(): Promise<number> {
    type Status = { readonly servers: readonly { readonly last_heartbeat: number }[]; readonly timestamp: number };
    const { servers, timestamp } = (await system.api.request<Status>('GET', '/upstream/status?backend=web')).body;
    return (timestamp - Math.max(...servers.map(({ last_heartbeat }) => last_heartbeat))) * 1_000;
  }

  const pausedBackends = async () =>
    metricValue(
      await (await fetch(`${system.controlPlane.apiUrl}/metrics`)).text(),
      'headgate_registration_paused_backends',
    );

  it('survive a kill -9, each with a full time to be heard of, and are in a version at once', async () => {
    const all = wanted();
    const newcomer = system.servers[SERVERS]!.port;
    for (const port of all) silence(port);
    expect((await register(newcomer)).status).toBe(201); // durable when it is answered
    await system.controlPlane.stop('SIGKILL');
    await system.controlPlane.start();
    const { items, pausedUntil } = await registrations();
    expect(portsOf({ items })).toEqual([...all, newcomer].sort());
    expect(pausedUntil).toBeUndefined();
    for (const { lastHeartbeat, expiresIn } of items) {
      expect(lastHeartbeat).toBeUndefined();
      expect(['1m', '60s', '59s', '58s']).toContain(expiresIn); // the longest that the backend allows
    }
    const fresh = await freshDataPlane(system);
    expect(await served(fresh)).toEqual([...all, newcomer].sort());
    await fresh.stop('SIGKILL');

    for (const port of all) await register(port);
    for (const port of all) beat(port);
    const beating = (await registrations()).items.filter(({ port }) => port !== newcomer);
    for (const { lastHeartbeat, expiresIn } of beating) {
      expect(lastHeartbeat).toBeDefined();
      expect(['1s', '2s']).toContain(expiresIn);
    }
    const removed = await system.api.request('DELETE', pathOf(newcomer));
    expect(removed.body).toMatchObject({ changed: true });
  }, 60_000);

  it('that were answered just before a kill -9 are there, as often as it happens', async () => {
    const newcomer = system.servers[SERVERS]!.port;
    for (let round = 0; round < 3; round++) {
      expect((await register(newcomer)).status).toBe(201);
      await system.controlPlane.stop('SIGKILL');
      await system.controlPlane.start();
      expect(portsOf(await registrations())).toEqual([...wanted(), newcomer].sort());
      expect((await system.api.request('DELETE', pathOf(newcomer))).body).toMatchObject({ changed: true });
      await system.controlPlane.stop('SIGKILL');
      await system.controlPlane.start();
      expect(portsOf(await registrations())).toEqual(wanted());
    }
  }, 60_000);

  it('of one of five that falls silent go as its lease ends, and the others stay', async () => {
    await waitUntil('all have been heard of since', async () =>
      (await registrations()).items.every(({ lastHeartbeat }) => lastHeartbeat !== undefined),
    );
    const [one] = wanted();
    silence(one!);
    await waitUntil('it has gone', async () => !portsOf(await registrations()).includes(one!));
    await waitUntil('it is not served', async () => !(await served(system.dataPlane)).includes(one!));
    expect(portsOf(await registrations())).toEqual(wanted());
    expect(await pausedBackends()).toBe(0);
    expect((await register(one!)).status).toBe(201);
    beat(one!);
    await waitUntil('it is served again', async () => (await served(system.dataPlane)).includes(one!));
  });

  it('of all, silent at once, stay for several times their lease, say that expiry is paused, and go on with the heartbeats', async () => {
    const all = wanted();
    for (const port of all) silence(port);
    const { pausedUntil } = await waitUntil('expiry is paused', async () => {
      const current = await registrations();
      return current.pausedUntil !== undefined && current;
    });
    expect(Date.parse(pausedUntil!) - Date.now()).toBeGreaterThan(200_000);
    await waitUntil('several leases are over', async () => (await silentFor()) > 4 * TTL_MS);
    const during = await registrations();
    expect(portsOf(during)).toEqual(all);
    expect(during.items.map(({ paused }) => paused)).toEqual(all.map(() => true));
    expect(await pausedBackends()).toBe(1);
    expect(await served(system.dataPlane)).toEqual(all);

    for (const port of all) beat(port);
    const after = await waitUntil('expiry goes on', async () => {
      const current = await registrations();
      return current.pausedUntil === undefined && current;
    });
    expect(portsOf(after)).toEqual(all);
    expect(after.items.map(({ paused }) => paused)).toEqual(all.map(() => false));
    expect(await pausedBackends()).toBe(0);
    await waitUntil('beats keep them', async () => (await silentFor()) < TTL_MS);
  }, 60_000);

  it('have cost no request', async () => {
    await load.more(50);
    expect(await load.stop()).toEqual([]);
    expect(load.answered).toBeGreaterThan(200);
  }, 60_000);
});

describe('registrations that nobody may make', () => {
  let distrustful: System;
  let trusting: ControlPlaneProcess;
  beforeAll(async () => {
    distrustful = await System.start({ dataPlanes: 0, servers: 0 });
    trusting = await ControlPlaneProcess.start({
      dataDir: join(distrustful.directory, 'trusting'),
      env: { HEADGATE_TRUSTED_PROXIES: '127.0.0.0/8' },
    });
    for (const { api } of [distrustful, trusting])
      await api.write('PUT', '/api/v1/config', {
        backends: [
          { name: 'web', registration: { networks: ['10.1.0.0/16'] } },
          { name: 'local', registration: { networks: ['127.0.0.1'] } },
          { name: 'static' },
        ],
        hosts: [],
      });
  }, 60_000);
  afterAll(async () => {
    await trusting.stop('SIGKILL');
    await distrustful.close();
  });

  /** Without a token, unless there is one among the headers. */
  async function ask(at: { readonly apiUrl: string }, line: string, headers: Readonly<Record<string, string>> = {}) {
    const [method, path] = line.split(' ') as [string, string];
    const answer = await fetch(at.apiUrl + path, { method, headers });
    return { status: answer.status, text: await answer.text() };
  }

  async function tokenFor(scope: string): Promise<Readonly<Record<string, string>>> {
    const request = { name: scope.replaceAll(/[:/]/g, '-'), scopes: [scope] };
    const { body } = await distrustful.api.request<{ token: string }>('POST', '/api/v1/tokens', request);
    return { authorization: `Bearer ${body.token}` };
  }

  async function registered(api: System['api']): Promise<number> {
    const counts = await Promise.all(
      ['web', 'local', 'static'].map((name) =>
        api.request<Registrations>('GET', `/api/v1/backends/${name}/registrations`),
      ),
    );
    return counts.reduce((sum, { body }) => sum + body.items.length, 0);
  }

  it('are refused without a right to, and change nothing', async () => {
    const at = distrustful.controlPlane;
    const [reader, stranger] = [await tokenFor('read'), await tokenFor('register:backends/local')];
    const put = `PUT ${BACKEND}/registrations/10.1.0.7:80`;
    const add = 'GET /upstream/add?backend=web&host=10.1.0.7&port=80';
    for (const line of [put, add]) {
      expect((await ask(at, line)).status).toBe(401);
      expect((await ask(at, line, { authorization: 'Bearer a-token-of-nobody' })).status).toBe(401);
      expect((await ask(at, line, reader)).status).toBe(403);
      expect((await ask(at, line, stranger)).status).toBe(403);
    }
    expect((await ask(at, 'DELETE /api/v1/backends/web', await tokenFor('register:backends/web'))).status).toBe(403);
    expect(await registered(distrustful.api)).toBe(0);
  });

  it('are refused to clients that say by X-Forwarded-For to be of a network', async () => {
    const at = distrustful.controlPlane;
    const spoofed = { 'X-Forwarded-For': '10.1.0.7', 'X-Real-IP': '10.1.0.7' };
    expect((await ask(at, 'GET /upstream/add?backend=web&port=80', spoofed)).status).toBe(401);
    // Through a proxy that is trusted, the leftmost address is the client's own word.
    const behind = { 'X-Forwarded-For': '10.1.0.7, 192.0.2.1' };
    expect((await ask(trusting, 'GET /upstream/add?backend=web&port=80', behind)).status).toBe(401);
    expect(await registered(distrustful.api)).toBe(0);
    expect(await registered(trusting.api)).toBe(0);
    // Who may come is who it is, whatever it says.
    const added = await ask(at, 'GET /upstream/add?backend=local&port=80', spoofed);
    expect([added.status, JSON.parse(added.text)]).toEqual([200, { success: true, server: '127.0.0.1:80' }]);
    expect((await ask(at, 'GET /upstream/add?backend=local&host=10.1.0.7&port=80', spoofed)).status).toBe(403);
    expect((await ask(at, 'GET /upstream/remove?backend=local&host=10.1.0.7&port=80', spoofed)).status).toBe(403);
    expect((await ask(at, 'GET /upstream/remove?backend=local&port=80', spoofed)).status).toBe(200);
  });

  it('are refused where host is no address, or one that no server may have', async () => {
    const at = distrustful.controlPlane;
    const token = await tokenFor('write:backends/web');
    for (const host of ['web.internal', '0x7f.1', '10.1.0', '10.1.0.7:80', '[::1', 'fe80::1%25eth0', '127.1'])
      expect([host, (await ask(at, `GET /upstream/add?backend=web&host=${host}&port=80`, token)).status]).toEqual([
        host,
        400,
      ]);
    const own = distrustful.controlPlane.apiUrl.replace('http://', '');
    for (const endpoint of ['169.254.169.254:80', '0.0.0.0:80', '224.0.0.1:80', own])
      expect([endpoint, (await ask(at, `PUT ${BACKEND}/registrations/${endpoint}`, token)).status]).toEqual([
        endpoint,
        422,
      ]);
    expect((await ask(at, `PUT ${BACKEND}/registrations/web.internal:80`, token)).status).toBe(422);
    const refused = await ask(at, 'PUT /api/v1/backends/static/registrations/10.1.0.7:80', await tokenFor('write'));
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([409, { code: 'HEADGATE_NO_REGISTRATIONS' }]);
    expect(await registered(distrustful.api)).toBe(0);
  });
});

/** The ports of the servers that a data plane has. */
async function served(plane: DataPlaneProcess): Promise<readonly number[]> {
  const { backends } = (await plane.dump()) as {
    backends: readonly { readonly servers: readonly { readonly port: number }[] }[];
  };
  return (backends[0]?.servers ?? []).map(({ port }) => port).sort();
}

/** One that has nothing but what the control plane says, when it is ready. */
async function freshDataPlane(system: System): Promise<DataPlaneProcess> {
  const plane = await DataPlaneProcess.start({
    id: 'fresh',
    stateDir: join(system.directory, 'fresh'),
    controlPlane: system.controlPlane.grpcAddress,
    joinToken: await system.controlPlane.joinToken(),
  });
  await waitUntil('it is ready', () => plane.isReady());
  return plane;
}
