import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

describe('hosts', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
    await api.send('PUT', '/api/v1/backends/web', { body: {} });
  });
  afterEach(() => api.close());

  it.each([
    ['*', '*', '/api/v1/hosts/*'],
    ['*.example.com', '*.example.com', '/api/v1/hosts/*.example.com'],
    ['%2A.Example.COM.', '*.example.com', '/api/v1/hosts/*.example.com'],
    ['App.Example.com:8080', 'app.example.com', '/api/v1/hosts/app.example.com'],
    ['b%C3%BCcher.example', 'xn--bcher-kva.example', '/api/v1/hosts/xn--bcher-kva.example'],
    ['[::1]', '[::1]', '/api/v1/hosts/%5B::1%5D'],
  ])('are named %s in a path', async (spelling, pattern, location) => {
    const put = await api.send('PUT', `/api/v1/hosts/${spelling}`, { body: { backend: 'web' } });
    expect(put).toMatchObject({
      status: 201,
      headers: { location },
      body: { item: { host: pattern, backend: 'web' } },
    });
    expect((await api.send('GET', `/api/v1/hosts/${spelling}`)).body).toEqual({ host: pattern, backend: 'web' });
    expect((await api.send('GET', location)).status).toBe(200);
    expect((await api.send('DELETE', `/api/v1/hosts/${spelling}`)).status).toBe(200);
  });

  it('are created by POST, once in whatever spelling', async () => {
    const created = await api.send('POST', '/api/v1/hosts', { body: { host: 'A.Test', backend: 'web' } });
    expect(created).toMatchObject({ status: 201, headers: { location: '/api/v1/hosts/a.test', etag: '"2"' } });
    const again = await api.send('POST', '/api/v1/hosts', { body: { host: 'a.test.', backend: 'web' } });
    expect(again).toMatchObject({ status: 409, body: { code: 'HEADGATE_ALREADY_EXISTS' } });
  });

  it('name backends that exist', async () => {
    const routes = [{ backend: 'web' }, { match: { path: { prefix: '/api' } }, backend: 'api' }];
    const got = await api.send('PUT', '/api/v1/hosts/a.test', { body: { routes } });
    expect(got).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/routes/1/backend', code: 'unknown_backend' }] },
    });
    expect(api.rooms.intent.state.value.revision).toBe(1);
  });

  it('are merged by PATCH, and cannot be renamed', async () => {
    await api.send('PUT', '/api/v1/hosts/a.test', { body: { backend: 'web' } });
    const patch = (body: unknown) => api.send('PATCH', '/api/v1/hosts/A.test', { body });
    expect(await patch({ backend: null, routes: [{ backend: 'web' }] })).toMatchObject({
      status: 200,
      body: { item: { host: 'a.test', routes: [{ backend: 'web' }] } },
    });
    expect(await patch({ host: 'b.test' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/host', code: 'name_mismatch' }] },
    });
    expect((await patch({ host: 'A.TEST' })).body).toMatchObject({ changed: false });
    expect(await api.send('PATCH', '/api/v1/hosts/b.test', { body: {} })).toMatchObject({ status: 404 });
  });

  it('are listed by pattern, page by page', async () => {
    for (const host of ['b.test', '*', '*.test'])
      await api.send('PUT', `/api/v1/hosts/${host}`, { body: { backend: 'web' } });
    const first = await api.send('GET', '/api/v1/hosts?limit=2');
    expect(first.body).toEqual({
      items: [
        { host: '*', backend: 'web' },
        { host: '*.test', backend: 'web' },
      ],
      next: '*.test',
    });
    const second = await api.send('GET', '/api/v1/hosts?limit=2&after=*.test');
    expect(second.body).toEqual({ items: [{ host: 'b.test', backend: 'web' }] });
  });

  it('answer 404 when absent and 304 to a reader that has them', async () => {
    expect((await api.send('GET', '/api/v1/hosts/none.test')).status).toBe(404);
    expect((await api.send('DELETE', '/api/v1/hosts/none.test')).status).toBe(404);
    await api.send('PUT', '/api/v1/hosts/a.test', { body: { backend: 'web' } });
    const got = await api.send('GET', '/api/v1/hosts/a.test', { headers: { 'If-None-Match': '"2"' } });
    expect(got.status).toBe(304);
  });

  it.each(['0x7f.1', 'a..b', 'a%20b', 'a%00b', '*.*.test', 'a.*.test', '%5B::1', `${'a'.repeat(64)}.test`])(
    'are not called %s',
    async (pattern) => {
      const got = await api.send('PUT', `/api/v1/hosts/${pattern}`, { body: { backend: 'web' } });
      expect(got).toMatchObject({ status: 400, body: { errors: [{ pointer: '/path/pattern' }] } });
    },
  );

  it('refuse a path that is not percent-encoded UTF-8', async () => {
    const got = await api.send('GET', '/api/v1/hosts/%ff');
    expect(got).toMatchObject({ status: 400, body: { code: 'HEADGATE_BAD_PARAMETER' } });
  });
});
