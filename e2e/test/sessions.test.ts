import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { DataPlaneProcess } from '../src/harness/data-plane-process.ts';
import { DemoServer } from '../src/harness/demo-server.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { siteHost } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

/** Article 000: three servers, the cookie `route`, and its numbers of health checks. */
function articleConfiguration(servers: readonly DemoServer[]): unknown {
  const healthCheck = {
    ...{ type: 'http', path: '/', interval: '2s', timeout: '1s', fall: 3, rise: 2, concurrency: 10 },
    validStatuses: ['200', '302'],
  };
  const balance = { algorithm: 'round_robin' };
  const addresses = servers.map(({ port }) => ({ address: '127.0.0.1', port }));
  const web = { name: 'web', servers: addresses, balance, session: { cookie: 'route' }, healthCheck };
  return { backends: [web], hosts: [{ host: siteHost, backend: 'web' }] };
}

/** fall × (1.2 × interval + timeout) + 1 s, and rise × 1.2 × interval, with time for the request that shows it. */
const KNOWN_DEAD_WITHIN_MS = 3 * (1.2 * 2_000 + 1_000) + 1_000;
const USED_AGAIN_WITHIN_MS = 2 * 1.2 * 2_000 + 2_000;

/** A browser with one cookie. */
class Visitor {
  cookie: string | undefined;

  /** The name of the server that answers; fails unless it answers 200. */
  async visit(plane: DataPlaneProcess, cookie = this.cookie): Promise<string> {
    const client = new KeepAliveClient(plane.port);
    try {
      const { status, headers, body } = await client.get(siteHost, '/', {
        headers: cookie === undefined ? {} : { cookie },
      });
      if (status !== 200) throw new Error(`${status} ${body}`);
      const set = headers['set-cookie'] as readonly string[] | undefined;
      if (set !== undefined) this.cookie = set[0]!.split(';')[0];
      return String(headers['x-server']);
    } finally {
      client.close();
    }
  }
}

describe("sessions, as in article 000's set-up", () => {
  let system: System;
  let servers: DemoServer[];
  let planes: readonly DataPlaneProcess[];

  beforeAll(async () => {
    system = await System.start({ dataPlanes: 2, servers: 3 });
    servers = [...system.servers];
    planes = system.dataPlanes;
    const { version } = await system.api.write('PUT', '/api/v1/config', articleConfiguration(servers));
    await system.api.converge(version);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop().catch(() => undefined)));
    await system.close();
  });

  /** A visitor whose session is at that server. */
  async function visitorOf(name: string): Promise<Visitor> {
    return waitUntil(`somebody is sent to ${name}`, async () => {
      const visitor = new Visitor();
      return (await visitor.visit(planes[0]!)) === name ? visitor : undefined;
    });
  }

  function serverPath(name: string): string {
    const { port } = servers.find((server) => server.name === name)!;
    return `/api/v1/backends/web/servers/127.0.0.1:${port}`;
  }

  it('bring every client back to its server, through either data plane, with one cookie', async () => {
    const visitors = Array.from({ length: 6 }, () => new Visitor());
    const homes = await Promise.all(visitors.map((visitor) => visitor.visit(planes[0]!)));
    expect(new Set(homes).size).toBe(3);
    for (const [index, visitor] of visitors.entries()) {
      const { cookie } = visitor;
      expect(cookie).toMatch(/^route=[a-z0-9]{4}\.[\w-]{22}$/);
      for (const plane of [planes[1]!, planes[0]!, planes[1]!]) {
        expect(await visitor.visit(plane)).toBe(homes[index]);
        expect(visitor.cookie).toBe(cookie);
      }
    }
    const [one, two] = visitors.filter((_, index) => homes[index] === homes[0]);
    expect(one!.cookie).toBe(two!.cookie);
  });

  it.each<[string, (cookie: string) => string]>([
    ['forged', (cookie) => `${cookie.slice(0, -22)}${'A'.repeat(22)}`],
    ['huge', (cookie) => cookie + 'x'.repeat(12_000)],
    ['doubled', (cookie) => `${cookie}; ${cookie}`],
    ['of an unknown key', (cookie) => cookie.replace(/=..../, '=0000')],
  ])('begin anew with a cookie that is %s', async (_, change) => {
    const visitor = await visitorOf('server-2');
    const genuine = visitor.cookie!;
    const homes = new Set<string>();
    for (let index = 0; index < 6; index++) {
      visitor.cookie = undefined;
      homes.add(await visitor.visit(planes[0]!, change(genuine)));
      expect(visitor.cookie).toMatch(/^route=[a-z0-9]{4}\.[\w-]{22}$/);
    }
    expect([...homes].sort()).toEqual(['server-1', 'server-2', 'server-3']);
  });

  it('keep WebSockets at their server too, with a cookie in the 101', async () => {
    const open = async (cookie?: string): Promise<{ greeting: string; cookie: string | undefined }> => {
      const headers = { Host: siteHost, ...(cookie !== undefined && { cookie }) };
      const socket = new WebSocket(`ws://127.0.0.1:${planes[0]!.port}/`, { headers });
      let set: string | undefined;
      socket.on('upgrade', (response) => (set = response.headers['set-cookie']?.[0]?.split(';')[0]));
      const [data] = (await once(socket, 'message')) as [Buffer];
      socket.terminate();
      return { greeting: data.toString(), cookie: set };
    };
    const first = await open();
    expect(first.cookie).toMatch(/^route=/);
    for (let index = 0; index < 4; index++) {
      expect(await open(first.cookie)).toEqual({ greeting: first.greeting, cookie: undefined });
    }
  });

  it('stay at a server that drains, which nobody else is sent to', async () => {
    const visitor = await visitorOf('server-3');
    const { version } = await system.api.write('PATCH', serverPath('server-3'), { state: 'draining' });
    await system.api.converge(version);
    const before = visitor.cookie;
    for (let index = 0; index < 6; index++) {
      expect(await visitor.visit(planes[index % 2]!)).toBe('server-3');
      expect(await new Visitor().visit(planes[index % 2]!)).not.toBe('server-3');
    }
    expect(visitor.cookie).toBe(before);
    const back = await system.api.write('PATCH', serverPath('server-3'), { state: null });
    await system.api.converge(back.version);
  });

  it('survive the begin of a rotation, a kill of the control plane and restarts of both', async () => {
    const visitor = await visitorOf('server-1');
    const { cookie } = visitor;
    const begun = await system.api.request<Keys>('POST', '/api/v1/session-keys/rotate', { grace: '1h' });
    expect([begun.status, begun.body.items.map(({ state }) => state)]).toEqual([202, ['accepted', 'issuing']]);
    await system.controlPlane.stop('SIGKILL');
    for (const plane of planes) expect(await visitor.visit(plane)).toBe('server-1');
    await planes[0]!.stop('SIGKILL');
    await planes[0]!.start();
    expect((await stat(join(system.directory, 'data-plane-1', 'session-keys.json'))).mode & 0o777).toBe(0o600);
    await waitUntil('it is ready', () => planes[0]!.isReady());
    for (let index = 0; index < 4; index++) expect(await visitor.visit(planes[0]!)).toBe('server-1');
    await system.controlPlane.start();
    const after = await system.api.request<Keys>('GET', '/api/v1/session-keys');
    expect(after.body.items.map(({ id, state }) => [id, state])).toEqual(
      begun.body.items.map(({ id, state }) => [id, state]),
    );
    await waitUntil('both are back', async () => {
      const { body } = await system.api.request<{ items: readonly { state: string }[] }>('GET', '/api/v1/data-planes');
      return body.items.length === 2 && body.items.every(({ state }) => state === 'live');
    });
    for (const plane of planes) expect(await visitor.visit(plane)).toBe('server-1');
    expect(visitor.cookie).toBe(cookie);
  });

  it('move to another server when theirs is killed, with a new cookie and without a failed request', async () => {
    const [visitor, other] = [await visitorOf('server-2'), await visitorOf('server-2')];
    const lost = visitor.cookie;
    const dead = servers[1]!;
    const retriesBefore = await metric(planes[0]!, 'headgate_retries_total');
    await dead.stop();
    const home = await visitor.visit(planes[0]!);
    expect(home).not.toBe('server-2');
    expect(visitor.cookie).not.toBe(lost);
    for (let index = 0; index < 10; index++) expect(await visitor.visit(planes[index % 2]!)).toBe(home);
    expect(await other.visit(planes[1]!)).not.toBe('server-2');
    // One retry, for the request that found it dead; and none once it is known to be.
    await waitUntil('it is known dead', async () => isUnhealthy(planes[0]!), KNOWN_DEAD_WITHIN_MS);
    const retries = await metric(planes[0]!, 'headgate_retries_total');
    expect(retries - retriesBefore).toBe(1);
    const stray = new Visitor();
    stray.cookie = lost;
    expect(await stray.visit(planes[0]!)).not.toBe('server-2');
    expect(await metric(planes[0]!, 'headgate_retries_total')).toBe(retries);

    servers[1] = await new DemoServer('server-2').start(dead.port);
    await waitUntil(
      'it is used again',
      async () => (await new Visitor().visit(planes[0]!)) === 'server-2',
      USED_AGAIN_WITHIN_MS,
    );
    expect(await visitor.visit(planes[0]!)).toBe(home);
  }, 60_000);

  it('are counted', async () => {
    const text = await planes[0]!.metrics();
    for (const decision of ['kept', 'moved', 'new']) {
      expect(text).toMatch(new RegExp(`headgate_sessions_total\\{backend="web",decision="${decision}"\\} [1-9]`));
    }
  });
});

interface Keys {
  readonly items: readonly { readonly id: string; readonly state: string }[];
}

async function isUnhealthy(plane: DataPlaneProcess): Promise<boolean> {
  return (await metric(plane, 'headgate_unhealthy_servers')) > 0;
}

async function metric(plane: DataPlaneProcess, name: string): Promise<number> {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await plane.metrics())?.[1]);
}
