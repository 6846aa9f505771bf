import { adminToken, startApi, type ApiFixture } from '../api-fixture.cases.ts';

interface Item {
  readonly id: number;
  readonly operation: string;
}

describe('the audit log', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(() => api.close());

  async function audit(query = ''): Promise<readonly Item[]> {
    return ((await api.send('GET', `/api/v1/audit${query}`)).body as { items: Item[] }).items;
  }

  it('has every write with who, what, why and from where', async () => {
    await api.send('PUT', '/api/v1/backends/web?message=first', { body: {} });
    await api.send('POST', '/api/v1/tokens?message=for+ci', { body: { name: 'ci', scopes: ['read'] } });
    await api.send('POST', '/api/v1/join-token/rotate', { body: {} });
    await api.send('DELETE', '/api/v1/tokens/ci');
    const common = { outcome: 'written', actor: 'admin', remote: '127.0.0.1', count: 1, changes: 1 };
    expect(await audit()).toMatchObject([
      { ...common, operation: 'deleteToken', objects: ['token/ci'] },
      { ...common, operation: 'rotateJoinToken', objects: ['join-token'] },
      { ...common, operation: 'createToken', objects: ['token/ci'], message: 'for ci' },
      { ...common, operation: 'putBackend', objects: ['backend/web'], message: 'first', revision: 1 },
    ]);
  });

  it('has no write that changed nothing, and no dry run', async () => {
    for (const path of ['/api/v1/backends/web?dryRun=true', '/api/v1/backends/web', '/api/v1/backends/web'])
      await api.send('PUT', path, { body: {} });
    expect(await audit()).toHaveLength(1);
  });

  it('has every kind of refusal with its reason', async () => {
    const made = await api.send('POST', '/api/v1/tokens', { body: { name: 'ci', scopes: ['read'] } });
    const { token } = made.body as { token: string };
    await api.send('PUT', '/api/v1/backends/web', { token, body: {} });
    await api.send('GET', '/api/v1/tokens/ci', { token });
    await api.send('GET', '/api/v1/config', { token: 'nobody-knows-this' });
    await api.send('GET', '/api/v1/nowhere', { token: undefined });
    await api.send('GET', '/livez', { headers: { Origin: 'https://evil.test' } });
    await api.send('PUT', '/api/v1/backends/web', { body: {} });
    await api.send('PUT', '/api/v1/backends/web', { body: { name: 'web' }, headers: { 'If-Match': '"9"' } });
    await api.send('POST', '/api/v1/backends', { body: { name: 'web' } });
    await api.send('PUT', '/api/v1/backends/web', { body: { nonsense: 1 } });
    await api.send('GET', '/api/v1/backends/absent');
    const refused = (await audit('?outcome=refused')).toReversed();
    expect(refused).toMatchObject([
      { operation: 'putBackend', actor: 'ci', code: 'HEADGATE_FORBIDDEN', objects: ['backend/web'] },
      { operation: 'getToken', actor: 'ci', code: 'HEADGATE_FORBIDDEN', objects: ['token/ci'] },
      { operation: 'getConfiguration', code: 'HEADGATE_UNAUTHENTICATED', objects: [] },
      { operation: 'none', code: 'HEADGATE_UNAUTHENTICATED' },
      { operation: 'none', code: 'HEADGATE_FORBIDDEN' },
      { operation: 'putBackend', actor: 'admin', code: 'HEADGATE_STALE', objects: ['backend/web'] },
      { operation: 'createBackend', actor: 'admin', code: 'HEADGATE_ALREADY_EXISTS' },
      { operation: 'putBackend', actor: 'admin', code: 'HEADGATE_INVALID' },
    ]);
    expect(refused).toHaveLength(8);
    expect(JSON.stringify(refused)).not.toContain('nobody-knows-this');
  });

  it('is read page by page and filtered', async () => {
    for (let n = 0; n < 5; n++) await api.send('PUT', `/api/v1/backends/b${n}`, { body: {} });
    const first = (await api.send('GET', '/api/v1/audit?limit=2')).body as { items: Item[]; next: string };
    const second = (await api.send('GET', `/api/v1/audit?limit=3&after=${first.next}`)).body as { items: Item[] };
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([5, 4, 3, 2, 1]);
    expect(second).not.toHaveProperty('next');
    expect(await audit('?operation=createHost')).toEqual([]);
    expect(await audit('?actor=admin&operation=putBackend')).toHaveLength(5);
    for (const query of ['?after=x', '?outcome=all', '?limit=0', '?unknown=1'])
      expect((await api.send('GET', `/api/v1/audit${query}`)).status).toBe(400);
  });
});

describe('too many bad tokens from one address', () => {
  it('are answered 429 with Retry-After, while good ones work on', async () => {
    const api = await startApi();
    const statuses: number[] = [];
    for (let times = 0; times < 22; times++)
      statuses.push((await api.send('GET', '/api/v1/config', { token: `bad-token-${times}` })).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429, 429]);
    const got = await api.send('GET', '/api/v1/nowhere', { token: 'bad' });
    expect(got).toMatchObject({ status: 429, body: { code: 'HEADGATE_TOO_MANY_ATTEMPTS' } });
    expect(Number(got.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(got.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await api.send('GET', '/api/v1/config', { token: adminToken })).status).toBe(200);
    expect((await api.send('GET', '/api/v1/config', { token: undefined })).status).toBe(401);
    await api.close();
  });
});
