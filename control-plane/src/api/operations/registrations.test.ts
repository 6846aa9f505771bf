import { ManualClock } from '@headgate/shared/manual-clock';
import { HeadgateError } from '@headgate/shared/error';
import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

const path = '/api/v1/backends/web/registrations';

describe('registrations over the API', () => {
  let api: ApiFixture;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    api = await startApi({ clock, registration: { web: { ttl: '20s', maxServers: 5 } } });
    for (const name of ['web', 'static']) await api.send('PUT', `/api/v1/backends/${name}`, { body: {} });
  });
  afterEach(() => api.close());

  const put = (endpoint: string, body?: object) => api.send('PUT', `${path}/${endpoint}`, { body });
  const list = async () => (await api.send('GET', path)).body;
  /** Sweeps come every second. */
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) clock.advance(1_000);
  };

  it('register with content, and beat without', async () => {
    const server = { weight: 3, priority: 1, zone: 'a', labels: { version: '42' } };
    const expiresAt = new Date(clock.now() + 20_000).toISOString();
    expect(await put('10.0.0.1:80', server)).toMatchObject({
      status: 201,
      body: { changed: true, ttl: '20s', expiresAt },
    });
    pass(5);
    expect(await put('10.0.0.1:80')).toMatchObject({ status: 200, body: { changed: false } });
    expect(await list()).toEqual({
      items: [
        {
          ...{ address: '10.0.0.1', port: 80, ...server, ttl: '20s', paused: false, expiresIn: '20s' },
          since: new Date(clock.now() - 5_000).toISOString(),
          lastHeartbeat: new Date(clock.now()).toISOString(),
        },
      ],
    });
    expect(api.registered.writes).toBe(1);
  });

  it('register without content, in any spelling of the address', async () => {
    expect((await put('[FD00::1]:80')).status).toBe(201);
    expect((await put('[fd00:0::1]:80', {})).status).toBe(200);
    expect(await list()).toMatchObject({ items: [{ address: 'fd00::1', port: 80 }] });
  });

  it('change what is said anew, and default what is left out', async () => {
    await put('10.0.0.1:80', { weight: 3, zone: 'a' });
    expect(await put('10.0.0.1:80', { weight: 5 })).toMatchObject({ status: 200, body: { changed: true } });
    expect(await list()).toMatchObject({ items: [{ weight: 5 }] });
    expect(JSON.stringify(await list())).not.toContain('zone');
  });

  it('count as long as they ask for, within what the backend allows', async () => {
    expect((await put('10.0.0.1:80', { ttl: '5s' })).body).toMatchObject({ ttl: '5s' });
    expect((await put('10.0.0.2:80', { ttl: '60s' })).body).toMatchObject({ ttl: '1m' });
    expect(await put('10.0.0.3:80', { ttl: '61s' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/ttl', code: 'ttl_too_long' }] },
    });
  });

  it('can be taken away, again and again', async () => {
    await put('10.0.0.1:80');
    for (const changed of [true, false]) {
      expect(await api.send('DELETE', `${path}/10.0.0.1:80`)).toMatchObject({ status: 200, body: { changed } });
    }
    expect(await list()).toEqual({ items: [] });
  });

  it('come many at once', async () => {
    await put('10.0.0.2:80');
    const items = [1, 2, 3].map((host) => ({ address: `10.0.0.${host}`, port: 80 }));
    const got = await api.send('POST', path, { body: { items } });
    expect(got).toMatchObject({
      status: 200,
      body: {
        items: [
          { server: '10.0.0.1:80', created: true, changed: true },
          { server: '10.0.0.2:80', created: false, changed: false },
          { server: '10.0.0.3:80', created: true, changed: true },
        ],
      },
    });
    expect(await api.send('GET', `${path}?limit=2`)).toMatchObject({ body: { next: '10.0.0.2:80' } });
  });

  it('come all or none, with every fault', async () => {
    const items = [
      { address: '10.0.0.1', port: 80 },
      { address: '169.254.169.254', port: 80 },
      { address: '10.0.0.2', port: 80, ttl: '1h' },
      { address: '10.0.0.1', port: 80 },
    ];
    const got = await api.send('POST', path, { body: { items } });
    expect(got).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '/items/1/address', code: 'refused_address' },
          { pointer: '/items/2/ttl', code: 'ttl_too_long' },
          { pointer: '/items/3', code: 'duplicate_server' },
        ],
      },
    });
    const named = await api.send('PUT', `${path}/app.test:80`);
    expect(named).toMatchObject({ status: 422, body: { errors: [{ code: 'invalid_value' }] } });
    const weighed = await api.send('PUT', `${path}/app.test:80`, { body: { weight: 2 } });
    expect(weighed.status).toBe(422);
    const broken = await api.send('POST', path, { body: { items: [{ address: 'app.test', port: 0 }] } });
    expect((broken.body as { errors: unknown[] }).errors).toHaveLength(2);
    expect(await list()).toEqual({ items: [] });
  });

  it.each(['169.254.169.254:80', '0.0.0.0:80', '[ff02::1]:80'])(
    'are refused at %s, content or not',
    async (endpoint) => {
      for (const body of [undefined, {}]) expect((await put(endpoint, body)).status).toBe(422);
      expect(api.registered.asked).toBe(0);
    },
  );

  it('are refused with another address than that of the path', async () => {
    expect(await put('10.0.0.1:80', { address: '10.0.0.2' })).toMatchObject({ status: 422 });
  });

  it.each([{ state: 'active' }, { weight: 0 }, { labels: { a: '\n' } }, { ttl: 5 }, []])(
    'are refused with %j',
    async (body) => {
      expect((await put('10.0.0.1:80', body)).status).toBe(422);
    },
  );

  it('are refused where the backend takes none, and where there is none', async () => {
    const refused = await api.send('PUT', '/api/v1/backends/static/registrations/10.0.0.1:80');
    expect(refused).toMatchObject({ status: 409, body: { code: 'HEADGATE_NO_REGISTRATIONS' } });
    expect((refused.body as { detail: string }).detail).toContain(
      'does not take registrations — set registration on it',
    );
    for (const method of ['PUT', 'DELETE'])
      expect((await api.send(method, '/api/v1/backends/no/registrations/10.0.0.1:80')).status).toBe(404);
    expect((await api.send('GET', '/api/v1/backends/no/registrations')).status).toBe(404);
  });

  it('are no more than the backend takes', async () => {
    const items = [1, 2, 3, 4, 5, 6].map((host) => ({ address: `10.0.0.${host}`, port: 80 }));
    expect(await api.send('POST', path, { body: { items } })).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'too_many' }] },
    });
  });

  it('are not acknowledged when they cannot be stored', async () => {
    api.registered.fail(new HeadgateError('HEADGATE_STORE_FULL', 'The disk is full'));
    expect(await put('10.0.0.1:80')).toMatchObject({ status: 507, body: { code: 'HEADGATE_STORE_FULL' } });
    expect(await list()).toEqual({ items: [] });
  });

  it('show when a pause holds them', async () => {
    await api.send('POST', path, { body: { items: [1, 2, 3].map((port) => ({ address: '10.0.0.1', port })) } });
    pass(30);
    expect(await list()).toMatchObject({
      pausedUntil: new Date(clock.now() - 10_000 + 300_000).toISOString(),
      items: [{ paused: true, expiresIn: '0ms' }, { paused: true }, { paused: true }],
    });
  });

  it('say what is wrong with the type of their content', async () => {
    const sent = { body: 'x', headers: { 'Content-Type': 'text/plain' } };
    expect((await api.send('PUT', `${path}/10.0.0.1:80`, sent)).status).toBe(415);
  });
});
