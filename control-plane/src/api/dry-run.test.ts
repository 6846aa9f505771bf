import { startApi, type ApiFixture } from './api-fixture.cases.ts';

type Json = Readonly<Record<string, unknown>>;

const server = { address: '10.0.0.1', port: 80 };
const configuration = {
  backends: [{ name: 'idle' }, { name: 'web', servers: [server] }],
  hosts: [{ host: 'h.test', backend: 'web' }],
};

describe('a dry run', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await startApi();
    await api.send('PUT', '/api/v1/config', { body: configuration });
  });
  afterAll(() => api.close());

  /** The dry run and, nothing having happened, the same state as before. */
  async function dryRun(method: string, path: string, sent: { body?: unknown; headers?: Record<string, string> } = {}) {
    const before = api.rooms.intent.state.value;
    const got = await api.send(method, `/api/v1${path}?dryRun=true`, sent);
    expect(api.rooms.intent.state.value).toBe(before);
    expect((await api.store.load()).revision).toBe(1);
    return got;
  }

  it.each<[string, string, unknown, string]>([
    ['POST', '/backends', { name: 'new' }, 'backend/new added'],
    ['PUT', '/backends/new', {}, 'backend/new added'],
    ['PUT', '/backends/idle', { via: false }, 'backend/idle changed'],
    ['PATCH', '/backends/web', { via: false }, 'backend/web changed'],
    ['DELETE', '/backends/idle', undefined, 'backend/idle removed'],
    ['POST', '/backends/web/servers', { address: '10.0.0.2', port: 80 }, 'server/web/10.0.0.2:80 added'],
    ['PUT', '/backends/web/servers/10.0.0.1:80', { weight: 2 }, 'server/web/10.0.0.1:80 changed'],
    ['PATCH', '/backends/web/servers/10.0.0.1:80', { weight: 2 }, 'server/web/10.0.0.1:80 changed'],
    ['PATCH', '/backends/web/servers/10.0.0.1:80', { state: 'draining' }, 'override/web/10.0.0.1:80 added'],
    ['DELETE', '/backends/web/servers/10.0.0.1:80', undefined, 'server/web/10.0.0.1:80 removed'],
    ['POST', '/hosts', { host: '*', backend: 'web' }, 'host/* added'],
    ['PUT', '/hosts/h.test', { backend: 'idle' }, 'host/h.test changed'],
    ['PATCH', '/hosts/h.test', { backend: 'idle' }, 'host/h.test changed'],
    ['DELETE', '/hosts/h.test', undefined, 'host/h.test removed'],
    ['PUT', '/config', { ...configuration, hosts: [] }, 'host/h.test removed'],
    ['POST', '/rollback', { to: 0 }, 'backend/idle removed'],
  ])('of %s %s says what it would change', async (method, path, content, expected) => {
    const got = await dryRun(method, path, content === undefined ? {} : { body: content });
    expect(got).toMatchObject({ status: 200, body: { dryRun: true, wouldChange: true, revision: 1 } });
    const { items } = (got.body as { diff: { items: readonly Json[] } }).diff;
    expect(items.map(({ kind, name, change }) => `${String(kind)}/${String(name)} ${String(change)}`)[0]).toBe(
      expected,
    );
    expect(got.headers).not.toHaveProperty('etag');
    expect(got.headers).not.toHaveProperty('location');
  });

  it('is offered by every operation that changes the configuration', async () => {
    const { paths } = (await api.send('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { parameters: readonly { name: string }[] }>>;
    };
    const offering = Object.values(paths)
      .flatMap((members) => Object.values(members))
      .filter(({ parameters }) => parameters.some(({ name }) => name === 'dryRun'));
    expect(offering).toHaveLength(15);
  });

  it('of equal content says that nothing would change', async () => {
    expect(await dryRun('PUT', '/config', { body: configuration })).toMatchObject({
      status: 200,
      body: {
        wouldChange: false,
        diff: { items: [], truncated: 0 },
        warnings: [],
        guard: { allowed: true, reasons: [] },
      },
    });
  });

  it.each<[string, string, { body?: unknown; headers?: Record<string, string> }, number, string]>([
    ['POST', '/backends', { body: { name: 'web' } }, 409, 'HEADGATE_ALREADY_EXISTS'],
    ['PUT', '/hosts/h.test', { body: { backend: 'absent' } }, 422, 'HEADGATE_INVALID'],
    ['PUT', '/hosts/h.test', { body: { backend: 'idle' }, headers: { 'If-Match': '"7"' } }, 412, 'HEADGATE_STALE'],
    ['DELETE', '/backends/web', {}, 409, 'HEADGATE_IN_USE'],
    ['DELETE', '/backends/absent', {}, 404, 'HEADGATE_NOT_FOUND'],
    ['PUT', '/config', { body: {} }, 422, 'HEADGATE_INVALID'],
  ])('of %s %s fails as the write would', async (method, path, sent, status, code) => {
    expect(await dryRun(method, path, sent)).toMatchObject({ status, body: { code } });
  });

  it('warns about what the change touches, as it would be', async () => {
    const routes = [{ backend: 'idle' }, { backend: 'web' }];
    const got = await dryRun('PUT', '/hosts/h.test', { body: { routes } });
    expect((got.body as { warnings: unknown }).warnings).toMatchObject([
      { kind: 'backend', name: 'idle', code: 'no_servers' },
      { kind: 'host', name: 'h.test', code: 'shadowed_route', route: 1 },
    ]);
  });

  it('says what the change guard would say', async () => {
    expect((await dryRun('DELETE', '/backends/web/servers/10.0.0.1:80')).body).toMatchObject({
      wouldChange: true,
      guard: { allowed: false, reasons: [{ code: 'empties_backend' }] },
    });
  });

  it('is asked for by true or false alone', async () => {
    for (const query of ['dryRun=1', 'dryRun=', 'dryRun', 'force=yes', 'dryRun=true&dryRun=true'])
      expect(await api.send('DELETE', `/api/v1/backends/idle?${query}`)).toMatchObject({ status: 400 });
    expect(api.rooms.intent.state.value.revision).toBe(1);
  });
});

describe('the change guard of the API', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
    await api.send('PUT', '/api/v1/config', { body: configuration });
  });
  afterEach(() => api.close());

  it.each<[string, string, unknown]>([
    ['DELETE', '/backends/web/servers/10.0.0.1:80', undefined],
    ['PUT', '/backends/web', { servers: [] }],
    ['PATCH', '/backends/web', { servers: [] }],
    ['PUT', '/config', { backends: [{ name: 'web' }], hosts: configuration.hosts }],
  ])('holds %s %s until it is forced', async (method, path, content) => {
    const sent = content === undefined ? {} : { body: content };
    const held = await api.send(method, `/api/v1${path}`, sent);
    expect(held).toMatchObject({
      status: 409,
      body: { code: 'HEADGATE_GUARD', errors: [{ code: 'empties_backend' }] },
    });
    expect((await api.store.load()).revision).toBe(1);
    expect(await api.send(method, `/api/v1${path}?force=true`, sent)).toMatchObject({
      status: 200,
      body: { revision: 2, changed: true },
    });
  });
});
