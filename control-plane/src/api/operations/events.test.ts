import { request as httpRequest, type IncomingMessage } from 'node:http';
import { ManualClock } from '@headgate/shared/manual-clock';
import { adminToken, startApi, until, type ApiFixture, type ApiFixtureOptions } from '../api-fixture.cases.ts';

interface Heard {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One who listens to events as a client does. */
class Listener {
  text = '';
  over = false;
  readonly response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    response.on('error', () => undefined).once('close', () => (this.over = true));
  }

  static open(api: ApiFixture, query = '', headers: Readonly<Record<string, string>> = {}): Promise<Listener> {
    const options = { ...api.address, path: `/api/v1/events${query}`, agent: false };
    return new Promise((resolve, reject) => {
      httpRequest({ ...options, headers: { Authorization: `Bearer ${adminToken}`, ...headers } })
        .on('response', (response) => resolve(new Listener(response)))
        .on('error', reject)
        .end();
    });
  }

  get heard(): readonly Heard[] {
    return [...this.text.matchAll(/^id: (.*)\nevent: (\w+)\ndata: (.*)$/gm)].map(
      ([, id = '', type = '', data = '']) => {
        return { id, type, data: JSON.parse(data) as Heard['data'] };
      },
    );
  }

  get types(): readonly string[] {
    return this.heard.map(({ type }) => type);
  }
}

describe('events', () => {
  let clock: ManualClock;
  let api: ApiFixture;
  async function start(options: ApiFixtureOptions = {}): Promise<void> {
    clock = new ManualClock(Date.parse('2030-01-01T00:00:00Z'));
    api = await startApi({ clock, ...options });
  }
  afterEach(() => api.close());

  function putBackend(name: string): ReturnType<ApiFixture['send']> {
    return api.send('PUT', `/api/v1/backends/${name}?message=why`, { body: {} });
  }

  it('tell of a change as it happens: the revision, then the version', async () => {
    await start();
    const listener = await Listener.open(api);
    expect(listener.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'close',
    });
    await putBackend('web');
    await until(() => listener.heard.length === 2);
    const at = new Date(clock.now()).toISOString();
    const { epoch } = api.rooms.newest.value.id;
    expect(listener.heard.map(({ type, data }) => ({ type, data }))).toEqual([
      {
        type: 'revision',
        data: {
          ...{ at, revision: 1, version: 2, author: 'admin', message: 'why' },
          ...{ objects: ['backend/web'], changes: 1 },
        },
      },
      { type: 'version', data: { at, epoch, version: 2, objects: 1 } },
    ]);
  });

  it('go on after the last one that was seen', async () => {
    await start();
    const first = await Listener.open(api);
    await putBackend('a');
    await until(() => first.heard.length === 2);
    first.response.destroy();
    await putBackend('b');
    const second = await Listener.open(api, '', { 'Last-Event-ID': first.heard[0]!.id });
    await until(() => second.heard.length === 3);
    expect(second.types).toEqual(['version', 'revision', 'version']);
  });

  it('begin with a gap when the last one that was seen is of another process', async () => {
    await start();
    await putBackend('a');
    const listener = await Listener.open(api, '?types=version', { 'Last-Event-ID': 'another:12' });
    await until(() => listener.heard.length === 2);
    expect(listener.heard).toMatchObject([
      { type: 'gap', data: { reason: 'restarted' } },
      { type: 'version', data: { version: 2 } },
    ]);
  });

  it('are of the types that were asked for', async () => {
    await start();
    const listener = await Listener.open(api, '?types=join,version');
    await putBackend('a');
    const held = { epoch: '', version: 0 };
    api.rooms.register.joined({ id: 'x', processUuid: 'p', softwareVersion: '1', threads: 1, labels: {}, held });
    await until(() => listener.heard.length === 2);
    expect(listener.types).toEqual(['version', 'join']);
  });

  it.each(['?types=', '?types=nothing', '?types=ack,,nack', '?types=ack&types=nack', '?since=1'])(
    'refuse the query %s',
    async (query) => {
      await start();
      expect((await api.send('GET', `/api/v1/events${query}`)).status).toBe(400);
    },
  );

  it('need a token', async () => {
    await start();
    expect((await api.send('GET', '/api/v1/events', { token: undefined })).status).toBe(401);
  });

  it('answer HEAD at once, and take no place for it', async () => {
    await start({ listeners: { listeners: 1 } });
    const got = await api.send('HEAD', '/api/v1/events');
    expect(got).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    await until(() => api.rooms.listeners.open === 0);
  });

  it('have a heartbeat', async () => {
    await start();
    const listener = await Listener.open(api);
    await until(() => listener.text.includes('\n\n'));
    const { length } = listener.text;
    clock.advance(15_000);
    await until(() => listener.text.length > length);
    expect(listener.text.slice(length)).toMatch(/^:\nid: \S+:0\n\n$/);
  });

  it('have a bounded number of listeners, and room again when one has gone', async () => {
    await start({ listeners: { listeners: 2 } });
    const listener = await Listener.open(api);
    await Listener.open(api);
    const refused = await api.send('GET', '/api/v1/events');
    expect(refused).toMatchObject({ status: 503, body: { code: 'HEADGATE_UNAVAILABLE' } });
    listener.response.destroy();
    await until(() => api.rooms.listeners.open === 1);
    expect((await Listener.open(api)).response.statusCode).toBe(200);
  });

  it('end when the token is revoked', async () => {
    await start();
    const created = await api.send('POST', '/api/v1/tokens', { body: { name: 'watcher', scopes: ['read'] } });
    const { token } = created.body as { token: string };
    const listener = await Listener.open(api, '', { Authorization: `Bearer ${token}` });
    const other = await Listener.open(api);
    await api.send('DELETE', '/api/v1/tokens/watcher');
    await until(() => listener.over);
    expect([listener.response.complete, other.over]).toEqual([true, false]);
  });

  it('end when the server closes, in order', async () => {
    await start();
    const listener = await Listener.open(api);
    await api.server.close();
    await until(() => listener.over);
    expect(listener.response.complete).toBe(true);
  });

  it('cut off one who does not read, and go on for the others', async () => {
    await start();
    const idle = await Listener.open(api);
    idle.response.pause();
    const reader = await Listener.open(api, '?types=nack');
    const { register } = api.rooms;
    const held = { epoch: '', version: 0 };
    const labels = { filler: 'x'.repeat(4_000) };
    for (let round = 0; round < 40; round++) {
      for (let count = 0; count < 100; count++)
        register.joined({ id: 'x', processUuid: 'p', softwareVersion: '1', threads: 1, labels, held });
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let beat = 0; beat < 5; beat++) clock.advance(15_000);
    await until(() => api.rooms.listeners.cutOff === 1);
    await until(() => api.rooms.listeners.open === 1);
    register.nacked('x', { epoch: 'e', version: 1, errors: [], totalErrors: 0 });
    await until(() => reader.types.includes('nack'));
  });
});
