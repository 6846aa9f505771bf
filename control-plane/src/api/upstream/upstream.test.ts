import { HeadgateError } from '@headgate/shared/error';
import { createTrustedProxies } from '@headgate/shared/forwarded/trusted-proxies';
import { ManualClock } from '@headgate/shared/manual-clock';
import { startApi, type ApiFixture, type Sent } from '../api-fixture.cases.ts';
import { authenticateNobody } from '../security/bearer-token.ts';

const loopback = { address: '127.0.0.0', family: 'ipv4', prefixLength: 8 } as const;

/** Without a token, as servers of the article ask. */
const asServer: Sent = { token: undefined };

describe('the paths of article 004', () => {
  let api: ApiFixture;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock(1_700_000_000_123);
    api = await startApi({
      clock,
      registration: { web: { networks: ['127.0.0.0/8', '10.1.0.0/16'] }, guarded: {} },
      upstream: {
        defaultBackend: 'web',
        isTrustedProxy: createTrustedProxies([loopback]),
        inFlight: (server) => (server === 'web/10.1.0.7:80' ? 4 : 0),
      },
    });
    for (const name of ['web', 'guarded', 'static']) await api.send('PUT', `/api/v1/backends/${name}`, { body: {} });
  });
  afterEach(() => api.close());

  const get = (target: string, sent: Sent = {}) => api.send('GET', `/upstream/${target}`, sent);
  const behind = (client: string): Sent => ({ ...asServer, headers: { 'X-Forwarded-For': client } });

  it('add a server, are its heartbeat, show it and remove it', async () => {
    expect(await get('add?host=10.1.0.7&port=80')).toMatchObject({
      status: 200,
      body: { success: true, server: '10.1.0.7:80' },
    });
    clock.advance(10_000);
    await get('add?host=10.1.0.7&port=80');
    clock.advance(1_000);
    expect((await get('status')).body).toEqual({
      servers: [
        {
          ...{ host: '10.1.0.7', port: 80, conn_count: 4 },
          last_heartbeat: 1_700_000_010.123,
          created_time: 1_700_000_000.123,
        },
      ],
      total: 1,
      timestamp: 1_700_000_011.123,
    });
    expect(await get('remove?host=10.1.0.7&port=80')).toMatchObject({
      status: 200,
      body: { success: true, removed: '10.1.0.7:80' },
    });
    expect((await get('remove?host=10.1.0.7&port=80')).status).toBe(200);
    expect((await get('status')).body).toMatchObject({ servers: [], total: 0 });
  });

  it('hold a server for a minute', async () => {
    await get('add?host=10.1.0.7&port=80');
    for (let second = 0; second < 59; second++) clock.advance(1_000);
    expect((await get('status')).body).toMatchObject({ total: 1 });
    expect(api.rooms.registrations.status('web').servers).toMatchObject([{ ttlMs: 60_000 }]);
  });

  it('take the address of the client where no host is given', async () => {
    for (const query of ['port=80', 'host=&port=80'])
      expect((await get(`add?${query}`)).body).toEqual({ success: true, server: '127.0.0.1:80' });
    expect((await get('remove?port=80')).body).toEqual({ success: true, removed: '127.0.0.1:80' });
  });

  it('take a weight, which heartbeats without one keep', async () => {
    await get('add?host=10.1.0.7&port=80&weight=7');
    await get('add?host=10.1.0.7&port=80');
    expect(api.rooms.registrations.status('web').servers).toMatchObject([{ document: { weight: 7 } }]);
  });

  it('are about another backend where one is named', async () => {
    await get('add?host=10.1.0.7&port=80&backend=guarded');
    expect((await get('status?backend=guarded')).body).toMatchObject({ total: 1 });
    expect((await get('status')).body).toMatchObject({ total: 0 });
  });

  it('take POST for what changes something', async () => {
    expect((await api.send('POST', '/upstream/add?host=10.1.0.7&port=80')).body).toMatchObject({ success: true });
    expect((await api.send('POST', '/upstream/remove?host=10.1.0.7&port=80')).body).toMatchObject({ success: true });
    expect((await api.send('POST', '/upstream/status')).status).toBe(405);
  });

  it.each([
    ['add', 'port is required'],
    ['add?port=', 'port is required'],
    ['add?port=http', 'port is required'],
    ['remove?host=10.1.0.7', 'port is required'],
    ['add?port=0', 'port is not from 1 to 65535'],
    ['add?port=65536', 'port is not from 1 to 65535'],
    ['add?port=80&host=app.test', 'host is not an IP address'],
    ['add?port=80&host=010.0.0.1', 'host is not an IP address'],
    ['add?port=80&weight=0', 'weight is not from 1 to 1000'],
    ['add?port=80&weight=1e2', 'weight is not from 1 to 1000'],
    ['add?port=80&backend=../web', 'backend is not the name of a backend'],
  ])('answer %s by 400 "%s"', async (target, error) => {
    expect(await get(target)).toMatchObject({ status: 400, body: { error } });
  });

  it('answer exactly as in the article that a port is required', async () => {
    const got = await get('add');
    expect([got.status, got.body]).toEqual([400, { error: 'port is required' }]);
    expect(got.headers['content-type']).toBe('application/json');
  });

  it('refuse a token in the query, and repeat nothing of it', async () => {
    const got = await get('add?port=80&token=a-secret-in-a-url');
    expect([got.status, got.body]).toMatchObject([
      400,
      { error: expect.stringContaining('token is not a parameter') as string },
    ]);
    expect(JSON.stringify(got)).not.toContain('a-secret');
  });

  it.each([
    ['add?port=80&backend=none', 404, 'There is no backend none'],
    ['add?port=80&backend=static', 409, 'does not take registrations'],
    ['add?port=80&host=169.254.169.254', 422, 'metadata|credentials'],
  ])('answer %s by %d in the same words', async (target, status, reason) => {
    const got = await get(target);
    expect([got.status, got.body]).toEqual([status, { error: expect.stringMatching(reason) as string }]);
  });

  it('say that a server could not be added', async () => {
    api.registered.fail(new HeadgateError('HEADGATE_STORE_FULL', 'The disk is full'));
    const got = await get('add?port=80');
    expect([got.status, got.body]).toEqual([507, { error: 'failed to add server: The disk is full' }]);
  });

  it('let a client of the networks in without a token, for its own address alone', async () => {
    expect(await get('add?port=80', behind('10.1.0.7'))).toMatchObject({ body: { server: '10.1.0.7:80' } });
    expect(await get('add?host=10.1.0.7&port=81', behind('10.1.0.7'))).toMatchObject({ status: 200 });
    for (const action of ['add', 'remove']) {
      const got = await get(`${action}?host=10.1.0.8&port=80`, behind('10.1.0.7'));
      expect([got.status, got.body]).toEqual([403, { error: expect.stringContaining('10.1.0.7') as string }]);
    }
    expect((await get('status', behind('10.1.0.9'))).body).toMatchObject({ total: 2 });
  });

  it('let nobody else in without a token', async () => {
    for (const target of ['add?port=80', 'remove?port=80', 'status']) {
      expect((await get(target, behind('10.2.0.7'))).status).toBe(401);
      expect((await get(target.replace('?', '?backend=guarded&'), behind('10.2.0.7'))).status).toBe(401);
    }
    expect((await get('add?port=80&backend=guarded', behind('10.1.0.7'))).status).toBe(401);
    expect((await get('add?port=80&backend=none', asServer)).status).toBe(401);
  });

  it('believe what the client says of itself from trusted proxies alone', async () => {
    const distrustful = await startApi({
      registration: { web: { networks: ['10.1.0.0/16'] } },
      upstream: { defaultBackend: 'web' },
    });
    await distrustful.send('PUT', '/api/v1/backends/web', { body: {} });
    for (const name of ['X-Forwarded-For', 'X-Real-IP']) {
      const sent = { token: undefined, headers: { [name]: '10.1.0.7' } };
      expect((await distrustful.send('GET', '/upstream/add?port=80', sent)).status).toBe(401);
    }
    await distrustful.close();
    // The leftmost entry is the client's own word.
    expect((await get('add?port=80', behind('10.1.0.7, 192.0.2.1'))).status).toBe(401);
    const real = { ...asServer, headers: { 'X-Real-IP': '10.1.0.8' } };
    expect((await get('add?port=80', real)).body).toMatchObject({ server: '10.1.0.8:80' });
  });

  it('let a token in that may register at the backend, and at no other', async () => {
    const scopes = ['register:backends/guarded'];
    const made = await api.send('POST', '/api/v1/tokens', { body: { name: 'server', scopes } });
    const { token } = made.body as { token: string };
    expect((await get('add?host=10.9.0.1&port=80&backend=guarded', { token })).status).toBe(200);
    expect((await get('status?backend=guarded', { token })).status).toBe(200);
    const got = await get('add?host=10.9.0.1&port=80', { token });
    expect([got.status, got.body]).toEqual([
      403,
      { error: expect.stringContaining('register:backends/web') as string },
    ]);
    expect((await get('add?port=80', { token: 'a-bad-token-of-somebody' })).status).toBe(401);
  });

  it.each([
    ['on another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['of another origin', { Origin: 'http://evil.test' }],
    ['over plain HTTP', { 'User-Agent': 'Mozilla/5.0 (X11)', 'Accept-Language': 'en' }],
    ['that says where it was', { Referer: 'http://evil.test/' }],
  ])('change nothing for a page %s', async (_, headers) => {
    for (const action of ['add', 'remove'])
      expect((await get(`${action}?port=80`, { ...asServer, headers })).status).toBe(403);
    expect(api.registered.asked).toBe(0);
  });

  it.each([
    ['curl/8', { 'User-Agent': 'curl/8' }],
    ['PowerShell', { 'User-Agent': 'Mozilla/5.0 (Windows NT) WindowsPowerShell/5.1' }],
    ['fetch of Node', { 'User-Agent': 'node', 'Accept-Language': '*' }],
  ])('take %s for no browser', async (_, headers) => {
    expect((await get('add?port=80', { ...asServer, headers })).status).toBe(200);
  });

  it('note refusals in the audit log', async () => {
    await get('add?host=10.1.0.8&port=80', behind('10.1.0.7'));
    const { body } = await api.send('GET', '/api/v1/audit');
    expect(body).toMatchObject({
      items: [{ operation: 'addUpstream', code: 'HEADGATE_FORBIDDEN', outcome: 'refused' }, {}, {}, {}],
    });
  });
});

describe('the paths of article 004 without authentication', () => {
  it('let this machine register any address, but not its browser', async () => {
    const api = await startApi({
      authenticate: authenticateNobody,
      loopbackOnly: true,
      registration: { web: { networks: ['127.0.0.0/8'] } },
      upstream: { defaultBackend: 'web' },
    });
    await api.send('PUT', '/api/v1/backends/web', { ...asServer, body: {} });
    expect((await api.send('GET', '/upstream/add?host=10.1.0.7&port=80', asServer)).status).toBe(200);
    const browser = { 'User-Agent': 'Mozilla/5.0', 'Accept-Language': 'en' };
    const typed = await api.send('GET', '/upstream/add?port=80', { ...asServer, headers: browser });
    expect(typed.status).toBe(403);
    await api.close();
  });

  it('ask for a backend where no setting names one', async () => {
    const api = await startApi();
    const got = await api.send('GET', '/upstream/status');
    expect([got.status, got.body]).toEqual([400, { error: 'backend is required' }]);
    await api.close();
  });
});
