import { startApi, adminToken, type ApiFixture } from '../api-fixture.cases.ts';
import { apiOperations } from '../operations.ts';
import type { Operation } from '../operation.ts';
import { tokenScope } from '../../access/token-scope.ts';
import { authenticateNobody } from './bearer-token.ts';

const openPaths = ['/livez', '/metrics', '/readyz'];

function pathOf({ path }: Operation): string {
  return path
    .replace('{name}', 'web')
    .replace('{endpoint}', '10.0.0.1:80')
    .replace('{pattern}', 'a.test')
    .replace('{id}', 'dp-1')
    .replace('{version}', 'newest');
}

describe('the API with a token', () => {
  let api: ApiFixture;
  let operations: readonly Operation[];
  beforeAll(async () => {
    api = await startApi();
    operations = apiOperations(api.rooms);
  });
  afterAll(() => api.close());

  it('answers 401 to every operation without a token but probes and metrics', async () => {
    const open: string[] = [];
    for (const operation of operations) {
      const got = await api.send(operation.method.toUpperCase(), pathOf(operation), { token: undefined });
      if (got.status !== 401) open.push(operation.path);
      else
        expect(got).toMatchObject({
          headers: { 'www-authenticate': 'Bearer realm="headgate"' },
          body:
            operation.failureWords === undefined
              ? { code: 'HEADGATE_UNAUTHENTICATED' }
              : { error: expect.stringContaining('There is no token') as string },
        });
    }
    expect(open.sort()).toEqual(openPaths);
    expect(operations.length).toBeGreaterThan(25);
  });

  it('lets every operation through with the token', async () => {
    for (const operation of operations) {
      // A stream has no end; its head tells enough.
      const streams = operation.answers[200]?.contentType === 'text/event-stream';
      const got = await api.send(streams ? 'HEAD' : operation.method.toUpperCase(), pathOf(operation));
      expect([operation.operationId, got.status]).not.toEqual([operation.operationId, 401]);
    }
  });

  it.each([
    ['another token', `Bearer ${'x'.repeat(adminToken.length)}`],
    ['a prefix of the token', `Bearer ${adminToken.slice(0, -1)}`],
    ['the token and more', `Bearer ${adminToken}x`],
    ['another scheme', `Basic ${Buffer.from(`admin:${adminToken}`).toString('base64')}`],
    ['the bare token', adminToken],
    ['two tokens', `Bearer ${adminToken} ${adminToken}`],
    ['nothing', ''],
  ])('answers 401 to %s, and shows nothing of it', async (_, authorization) => {
    const got = await api.send('GET', '/api/v1/config', {
      token: undefined,
      headers: { Authorization: authorization },
    });
    expect(got).toMatchObject({ status: 401, body: { code: 'HEADGATE_UNAUTHENTICATED' } });
    expect(JSON.stringify(got)).not.toContain(adminToken.slice(0, 8));
  });

  it('takes the scheme in any case', async () => {
    const got = await api.send('GET', '/api/v1/config', {
      token: undefined,
      headers: { Authorization: `bearer ${adminToken}` },
    });
    expect(got.status).toBe(200);
  });

  it('does not tell a stranger which paths there are', async () => {
    const unknown = await api.send('GET', '/api/v1/nothing', { token: undefined });
    const wrongMethod = await api.send('POST', '/api/v1/config', { token: undefined });
    expect([unknown.status, wrongMethod.status]).toEqual([401, 401]);
    expect(wrongMethod.headers.allow).toBeUndefined();
  });

  it('reads no content before it knows who asks', async () => {
    const got = await api.send('PUT', '/api/v1/config', {
      token: undefined,
      body: '{',
      headers: { Expect: '100-continue' },
    });
    expect(got).toMatchObject({ status: 401, headers: { connection: 'close' } });
  });

  it.each([
    ['from another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['from a neighbour', { 'Sec-Fetch-Site': 'same-site' }],
    ['with a foreign origin', { Origin: 'https://evil.test' }],
    ['with an opaque origin', { Origin: 'null' }],
    ['from another port of this host', { Origin: 'http://127.0.0.1:1' }],
  ])('refuses a browser %s, token or not', async (_, headers) => {
    for (const path of ['/api/v1/config', '/metrics']) {
      const got = await api.send('GET', path, { headers });
      expect(got).toMatchObject({ status: 403, body: { code: 'HEADGATE_FORBIDDEN' } });
    }
  });

  it.each([
    ['of its own', { 'Sec-Fetch-Site': 'same-origin' }],
    ['that was typed in', { 'Sec-Fetch-Site': 'none' }],
    ['behind a proxy that ends TLS', { Host: 'headgate.test', Origin: 'https://headgate.test' }],
    ['behind a proxy, with the port spelled out', { Host: 'headgate.test:443', Origin: 'https://headgate.test' }],
  ])("accepts a browser's request %s", async (_, headers) => {
    expect((await api.send('GET', '/api/v1/config', { headers })).status).toBe(200);
  });
});

describe('the API without authentication', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await startApi({ authenticate: authenticateNobody, loopbackOnly: true });
  });
  afterAll(() => api.close());

  it.each(['localhost', 'LOCALHOST:9001', '127.0.0.1:9001', '127.8.9.1', '[::1]:9001', 'headgate.localhost'])(
    'serves requests for %s',
    async (host) => {
      const got = await api.send('GET', '/api/v1/config', { token: undefined, headers: { Host: host } });
      expect(got.status).toBe(200);
    },
  );

  it.each(['rebound.test', '10.0.0.1:9001', 'localhost.evil.test', '127.0.0.1.evil.test', '[::1', '0x7f.1'])(
    'refuses requests for "%s"',
    async (host) => {
      for (const path of ['/api/v1/config', '/livez']) {
        const got = await api.send('GET', path, { token: undefined, headers: { Host: host } });
        expect(got).toMatchObject({ status: 403, body: { code: 'HEADGATE_FORBIDDEN' } });
      }
    },
  );
});

describe('a token of less than every scope', () => {
  it('is refused beyond its scope', async () => {
    const api = await startApi({ authenticate: () => ({ name: 'reader', scopes: [tokenScope('read')] }) });
    expect((await api.send('GET', '/api/v1/config')).status).toBe(200);
    const write = await api.send('PUT', '/api/v1/backends/web', { body: {} });
    expect(write).toMatchObject({ status: 403, body: { code: 'HEADGATE_FORBIDDEN' } });
    expect(api.rooms.intent.state.value.revision).toBe(0);
    await api.close();
  });
});
