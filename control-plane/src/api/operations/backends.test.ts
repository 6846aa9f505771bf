import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

describe('backends', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(() => api.close());

  const web = {
    name: 'web',
    servers: [
      { address: '10.0.0.2', port: 80 },
      { address: '10.0.0.1', port: 80, weight: 3 },
    ],
  };
  const sorted = { name: 'web', servers: [web.servers[1], web.servers[0]] };

  it('are created by POST, with Location, ETag, and the item in its one spelling', async () => {
    const got = await api.send('POST', '/api/v1/backends', { body: web });
    expect(got.status).toBe(201);
    expect(got.headers).toMatchObject({ location: '/api/v1/backends/web', etag: '"1"' });
    const { epoch } = api.rooms.intent.state.value;
    expect(got.body).toEqual({ revision: 1, version: 2, epoch, changed: true, item: sorted });
  });

  it('are not created twice', async () => {
    await api.send('POST', '/api/v1/backends', { body: web });
    const got = await api.send('POST', '/api/v1/backends', { body: { name: 'web' } });
    expect(got).toMatchObject({ status: 409, body: { code: 'HEADGATE_ALREADY_EXISTS' } });
    expect((await api.send('GET', '/api/v1/backends/web')).body).toEqual(sorted);
  });

  it('are created by PUT of an absent name, replaced by the next, and left alone by equal content', async () => {
    const put = (body: unknown) => api.send('PUT', '/api/v1/backends/web', { body });
    expect(await put({})).toMatchObject({
      status: 201,
      headers: { location: '/api/v1/backends/web' },
      body: { revision: 1, changed: true, item: { name: 'web', servers: [] } },
    });
    const replaced = await put(web);
    expect(replaced).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { revision: 2, changed: true } });
    expect(replaced.headers.location).toBeUndefined();
    const again = await put({ ...web, servers: [...web.servers].reverse() });
    expect(again).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { revision: 2, changed: false, item: sorted },
    });
  });

  it('keep their own ETag when something else changes', async () => {
    await api.send('PUT', '/api/v1/backends/web', { body: {} });
    const other = await api.send('PUT', '/api/v1/backends/api', { body: {} });
    expect(other.headers.etag).toBe('"2"');
    expect((await api.send('GET', '/api/v1/backends/web')).headers.etag).toBe('"1"');
    const equal = await api.send('PUT', '/api/v1/backends/web', { body: {} });
    expect(equal).toMatchObject({ headers: { etag: '"1"' }, body: { revision: 2, changed: false } });
  });

  it('cannot be renamed', async () => {
    await api.send('PUT', '/api/v1/backends/web', { body: web });
    const fault = { pointer: '/name', code: 'name_mismatch' };
    const put = await api.send('PUT', '/api/v1/backends/web', { body: { name: 'api' } });
    expect(put).toMatchObject({ status: 422, body: { code: 'HEADGATE_INVALID', errors: [fault] } });
    const patch = await api.send('PATCH', '/api/v1/backends/web', { body: { name: 'api' } });
    expect(patch).toMatchObject({ status: 422, body: { errors: [fault] } });
    expect(api.rooms.intent.state.value.revision).toBe(1);
  });

  it('are merged by PATCH: members replace, null removes, lists replace as a whole', async () => {
    const check = { type: 'http', path: '/healthz', fall: 5 };
    await api.send('PUT', '/api/v1/backends/web', { body: { ...web, healthCheck: check, via: false } });
    const got = await api.send('PATCH', '/api/v1/backends/web', {
      body: { healthCheck: { fall: null, rise: 4 }, via: null, servers: [{ address: '::1', port: 1 }] },
      headers: { 'Content-Type': 'application/merge-patch+json' },
    });
    expect(got).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect((got.body as { item: unknown }).item).toEqual({
      name: 'web',
      servers: [{ address: '::1', port: 1 }],
      healthCheck: { type: 'http', path: '/healthz', rise: 4 },
    });
  });

  it('are not patched into something invalid, nor out of nothing', async () => {
    await api.send('PUT', '/api/v1/backends/web', { body: web });
    const got = await api.send('PATCH', '/api/v1/backends/web', {
      body: { servers: [{ address: '0x7f.1', port: 80 }] },
    });
    expect(got).toMatchObject({ status: 422, body: { errors: [{ pointer: '/servers/0/address' }] } });
    const list = await api.send('PATCH', '/api/v1/backends/web', { body: [] });
    expect(list).toMatchObject({ status: 422, body: { errors: [{ pointer: '', code: 'wrong_type' }] } });
    const absent = await api.send('PATCH', '/api/v1/backends/none', { body: {} });
    expect(absent).toMatchObject({ status: 404, body: { code: 'HEADGATE_NOT_FOUND' } });
    expect(api.rooms.intent.state.value.revision).toBe(1);
  });

  it('are removed, unless a host names them', async () => {
    await api.send('PUT', '/api/v1/backends/web', { body: web });
    await api.send('PUT', '/api/v1/hosts/a.test', { body: { backend: 'web' } });
    const used = await api.send('DELETE', '/api/v1/backends/web');
    expect(used).toMatchObject({
      status: 409,
      body: { code: 'HEADGATE_IN_USE', errors: [{ code: 'backend_in_use' }] },
    });
    await api.send('DELETE', '/api/v1/hosts/a.test');
    expect(await api.send('DELETE', '/api/v1/backends/web')).toMatchObject({
      status: 200,
      body: { revision: 4, changed: true },
    });
    expect((await api.send('GET', '/api/v1/backends/web')).status).toBe(404);
    expect((await api.send('DELETE', '/api/v1/backends/web')).status).toBe(404);
  });

  it('change only when If-Match names their ETag', async () => {
    await api.send('PUT', '/api/v1/backends/web', { body: web });
    const change = (ifMatch: string, method = 'PATCH') => {
      const body = method === 'DELETE' ? {} : { body: { via: false } };
      return api.send(method, '/api/v1/backends/web', { ...body, headers: { 'If-Match': ifMatch } });
    };
    for (const stale of ['"0"', '"2"', 'W/"1"', '"2", W/"1"', '"none"']) {
      expect(await change(stale)).toMatchObject({ status: 412, body: { code: 'HEADGATE_STALE' } });
    }
    expect((await change('"1"')).status).toBe(200);
    expect((await change('"1"')).status).toBe(412);
    expect((await change('"7" , "2"', 'PUT')).status).toBe(200);
    expect((await change('*')).status).toBe(200);
    expect((await change('"1"', 'DELETE')).status).toBe(412);
    expect((await change('*', 'DELETE')).status).toBe(200);
    expect((await change('*', 'PUT')).status).toBe(412);
  });

  it('are only created, never replaced, with If-None-Match: *', async () => {
    const create = () => api.send('PUT', '/api/v1/backends/web', { body: web, headers: { 'If-None-Match': '*' } });
    expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(412);
  });

  it('refuse a condition that is none', async () => {
    const put = (headers: Record<string, string>) => api.send('PUT', '/api/v1/backends/web', { body: web, headers });
    expect(await put({ 'If-Match': '12' })).toMatchObject({
      status: 400,
      body: { code: 'HEADGATE_BAD_PARAMETER', errors: [{ pointer: '/header/if-match' }] },
    });
    expect((await put({ 'If-None-Match': '"1"' })).status).toBe(400);
  });

  it('are not sent to a reader that has them', async () => {
    await api.send('PUT', '/api/v1/backends/web', { body: web });
    const read = (held: string) => api.send('GET', '/api/v1/backends/web', { headers: { 'If-None-Match': held } });
    for (const held of ['"1"', 'W/"1"', '"9", "1"', '*']) {
      expect(await read(held)).toMatchObject({ status: 304, headers: { etag: '"1"' }, body: '' });
    }
    expect((await read('"2"')).status).toBe(200);
  });

  it('are listed by name, page by page', async () => {
    const names = ['c', 'B', 'a', 'b', 'a.b'];
    await api.send('PUT', '/api/v1/config', { body: { backends: names.map((name) => ({ name })), hosts: [] } });
    const list = async (query: string) => (await api.send('GET', `/api/v1/backends${query}`)).body;
    const items = (...found: string[]) => found.map((name) => ({ name, servers: [] }));
    expect(await list('')).toEqual({ items: items('B', 'a', 'a.b', 'b', 'c') });
    expect(await list('?limit=5')).toEqual({ items: items('B', 'a', 'a.b', 'b', 'c') });
    expect(await list('?limit=2')).toEqual({ items: items('B', 'a'), next: 'a' });
    expect(await list('?limit=2&after=a')).toEqual({ items: items('a.b', 'b'), next: 'b' });
    expect(await list('?limit=2&after=b')).toEqual({ items: items('c') });
    expect(await list('?after=aa')).toEqual({ items: items('b', 'c') });
    expect(await list('?after=z')).toEqual({ items: [] });
  });

  it('tell who wrote them and why', async () => {
    const long = 'x'.repeat(1_000);
    await api.send('PUT', '/api/v1/backends/a?message=for%20the%20sale', { body: {} });
    await api.send('PUT', '/api/v1/backends/b', {
      body: {},
      headers: { 'Headgate-Message': Buffer.from('größer', 'utf8').toString('latin1') },
    });
    await api.send('PUT', `/api/v1/backends/c?message=${long}`, {
      body: {},
      headers: { 'Headgate-Message': 'not this' },
    });
    await api.send('DELETE', '/api/v1/backends/c');
    const commits = (await api.store.commitsSince(1)) ?? [];
    expect(commits.map(({ author, message }) => [author, message])).toEqual([
      ['admin', 'for the sale'],
      ['admin', 'größer'],
      ['admin', long],
      ['admin', ''],
    ]);
  });

  it.each([
    ['a control character', 'message=a%0ab'],
    ['a terminal escape of 8 bits', 'message=a%c2%9bb'],
    ['too many characters', `message=${'x'.repeat(1_001)}`],
  ])('refuse a message with %s', async (_, query) => {
    const got = await api.send('PUT', `/api/v1/backends/a?${query}`, { body: {} });
    expect(got).toMatchObject({ status: 400, body: { errors: [{ pointer: '/query/message' }] } });
    expect(api.rooms.intent.state.value.revision).toBe(0);
  });
});
