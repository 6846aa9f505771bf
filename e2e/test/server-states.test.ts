import { request } from 'node:http';
import WebSocket from 'ws';
import type { DemoServer } from '../src/harness/demo-server.ts';
import { KeepAliveClient } from '../src/harness/keep-alive-client.ts';
import { siteHost } from '../src/harness/site.ts';
import { System } from '../src/harness/system.ts';
import { Traffic } from '../src/harness/traffic.ts';
import { waitUntil } from '../src/harness/wait-until.ts';

const backend = '/api/v1/backends/web';

describe('the states of servers, under load', () => {
  let system: System;
  let first: DemoServer;
  let load: readonly Traffic[];
  beforeAll(async () => {
    system = await System.start();
    first = system.servers[0]!;
    const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
    const { version } = await system.api.write('PUT', '/api/v1/config', {
      backends: [{ name: 'web', servers, timeouts: { drain: '3s' } }],
      hosts: [{ host: siteHost, backend: 'web' }],
    });
    await system.api.converge(version);
  });
  afterAll(() => system.close());

  beforeEach(async () => {
    await write('PATCH', pathOf(first), { state: 'active' });
    load = Array.from({ length: 4 }, () => new Traffic({ port: system.dataPlane.port, host: siteHost }));
    await Promise.all(load.map((traffic) => traffic.more(10)));
  });
  afterEach(async () => {
    await Promise.all(load.map((traffic) => traffic.stop()));
    for (const server of system.servers) server.release();
  });

  const pathOf = ({ port }: DemoServer) => `${backend}/servers/127.0.0.1:${port}`;
  const more = (requests: number) => Promise.all(load.map((traffic) => traffic.more(requests)));
  const failures = async () => (await Promise.all(load.map((traffic) => traffic.stop()))).flat();

  async function write(method: string, path: string, body?: unknown): Promise<void> {
    const { version } = await system.api.write(method, path, body);
    await system.api.converge(version);
  }

  async function expectNoNewRequests(): Promise<void> {
    await more(3); // what was on its way
    const before = first.answered;
    await more(100);
    expect(first.answered).toBe(before);
  }

  /** What the data plane knows of the first server. */
  async function known(): Promise<Readonly<Record<string, unknown>>> {
    const { backends } = (await system.dataPlane.dump()) as {
      backends: readonly { servers: readonly Readonly<Record<string, unknown>>[] }[];
    };
    return backends[0]!.servers.find(({ port }) => port === first.port)!;
  }

  it('a draining one gets no new requests, and what is under way there goes on', async () => {
    const [held, tunnel] = [await holdAt(system, first), await tunnelTo(system, first)];
    await write('PATCH', pathOf(first), { state: 'draining' });
    await expectNoNewRequests();
    expect(await known()).toMatchObject({
      state: 'draining',
      inFlight: 2,
      weight: 1,
      priority: 0,
      zone: '',
      labels: {},
    });
    expect(await tunnel.echo('still here')).toBe('still here');
    for (const server of system.servers) server.release();
    expect(await held.ended).toEqual({ complete: true, body: 'held\nreleased\n' });
    tunnel.close();
    await waitUntil('nothing is under way there', async () => (await known())['inFlight'] === 0);
    expect(await failures()).toEqual([]);
  });

  it('a disabled one gets no requests, and what does not end in its drain time is cut', async () => {
    const [held, tunnel] = [await holdAt(system, first), await tunnelTo(system, first)];
    await write('PATCH', pathOf(first), { state: 'disabled' });
    expect(await tunnel.echo('still here')).toBe('still here');
    await expectNoNewRequests();
    await tunnel.closed;
    expect((await held.ended).complete).toBe(false);
    await waitUntil('nothing is under way there', async () => (await known())['inFlight'] === 0);
    const before = first.answered;
    await write('PATCH', pathOf(first), { state: 'active' });
    await waitUntil('it is used again', () => first.answered > before);
    expect(await (await tunnelTo(system, first)).echo('again')).toBe('again');
    expect(await failures()).toEqual([]);
  });

  it('one that is enabled in its drain time keeps what is under way', async () => {
    const second = system.servers[1]!;
    const [tunnel, other] = [await tunnelTo(system, first), await tunnelTo(system, second)];
    await write('PATCH', pathOf(first), { state: 'disabled' });
    await write('PATCH', pathOf(first), { state: 'active' });
    await write('PATCH', pathOf(second), { state: 'disabled' });
    // The drain time of the second began later: that of the first is over by then.
    await other.closed;
    expect(await tunnel.echo('still here')).toBe('still here');
    await write('PATCH', pathOf(second), { state: 'active' });
    tunnel.close();
    expect(await failures()).toEqual([]);
  });

  it('sessions stay at a draining server and move on from a disabled one', async () => {
    const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
    await write('PUT', '/api/v1/backends/sticky', { servers, session: { cookie: 'route' } });
    await write('PUT', '/api/v1/hosts/sticky.example.com', { backend: 'sticky' });
    const server = `/api/v1/backends/sticky/servers/127.0.0.1:${first.port}`;
    const client = new KeepAliveClient(system.dataPlane.port);
    const ask = async (cookie?: string) => {
      const sent: Record<string, string> = cookie === undefined ? {} : { cookie };
      const answer = await client.get('sticky.example.com', '/', { headers: sent });
      const [set] = [answer.headers['set-cookie'] ?? []].flat();
      return { server: answer.headers['x-server'], cookie: set?.split(';')[0] };
    };
    const { cookie } = await waitUntil('a session has begun at the first server', async () => {
      const answer = await ask();
      return answer.server === first.name && answer.cookie !== undefined && answer;
    });

    await write('PATCH', server, { state: 'draining' });
    for (let count = 0; count < 20; count++) {
      expect(await ask(cookie)).toEqual({ server: first.name, cookie: undefined });
      expect((await ask()).server).toBe('server-2');
    }
    await write('PATCH', server, { state: 'disabled' });
    const moved = await ask(cookie);
    expect(moved.server).toBe('server-2');
    expect(await ask(moved.cookie)).toEqual({ server: 'server-2', cookie: undefined });
    client.close();
    expect(await failures()).toEqual([]);
  });

  it('a state survives PUT of the backend, the server leaving and coming back, and restarts; a rollback undoes it', async () => {
    const servers = system.servers.map(({ port }) => ({ address: '127.0.0.1', port }));
    const { revision } = await system.api.write('PATCH', pathOf(first), { state: 'active' });
    await write('PATCH', pathOf(first), { state: 'draining' });
    await write('PUT', backend, { servers, timeouts: { drain: '3s' }, via: false });
    await expectNoNewRequests();
    await write('DELETE', pathOf(first));
    await write('POST', `${backend}/servers`, { address: '127.0.0.1', port: first.port });
    await expectNoNewRequests();
    await system.controlPlane.stop('SIGKILL');
    await system.controlPlane.start();
    expect((await system.api.request('GET', pathOf(first))).body).toMatchObject({ state: 'draining' });
    expect(await failures()).toEqual([]);

    await system.dataPlane.stop('SIGKILL');
    await system.dataPlane.start();
    await waitUntil('it is ready', () => system.dataPlane.isReady());
    expect(await known()).toMatchObject({ state: 'draining' });
    const before = first.answered;
    load = [new Traffic({ port: system.dataPlane.port, host: siteHost })];
    await more(20);
    expect(first.answered).toBe(before);
    await write('POST', '/api/v1/rollback', { to: revision });
    await waitUntil('it is used again', () => first.answered > before);
    expect(await failures()).toEqual([]);
  });
});

interface HeldRequest {
  readonly server: string;
  readonly ended: Promise<{ readonly complete: boolean; readonly body: string }>;
}

/** A request whose answer has begun and does not end, at this server. Those that went elsewhere are held there. */
async function holdAt(system: System, { name }: DemoServer): Promise<HeldRequest> {
  for (;;) {
    const held = await hold(system.dataPlane.port);
    if (held.server === name) return held;
  }
}

function hold(port: number): Promise<HeldRequest> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/hold', headers: { host: siteHost }, agent: false });
    sent.on('error', reject);
    sent.on('response', (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
      answer.on('error', () => undefined);
      const ended = new Promise<{ complete: boolean; body: string }>((settle) =>
        answer.on('close', () => settle({ complete: answer.complete, body })),
      );
      resolve({ server: String(answer.headers['x-server']), ended });
    });
    sent.end();
  });
}

interface Tunnel {
  readonly closed: Promise<void>;
  echo(text: string): Promise<string>;
  close(): void;
}

/** A WebSocket at this server. */
async function tunnelTo(system: System, { name }: DemoServer): Promise<Tunnel> {
  for (;;) {
    const socket = new WebSocket(`ws://127.0.0.1:${system.dataPlane.port}/`, { headers: { host: siteHost } });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    const next = () =>
      new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
    if ((await next()) !== `hello from ${name}`) {
      socket.terminate();
      continue;
    }
    return {
      closed,
      echo(text) {
        const echoed = next();
        socket.send(text);
        return Promise.race([echoed, closed.then(() => 'closed')]);
      },
      close: () => socket.terminate(),
    };
  }
}
