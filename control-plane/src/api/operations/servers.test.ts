import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

const active = { state: 'active', sources: ['static'] };

describe('servers', () => {
  const servers = '/api/v1/backends/web/servers';
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
    await api.send('PUT', '/api/v1/backends/web', { body: { servers: [{ address: '10.0.0.1', port: 80 }] } });
  });
  afterEach(() => api.close());

  it('are added by POST, once', async () => {
    const add = () => api.send('POST', servers, { body: { address: '10.0.0.2', port: 8080 } });
    expect(await add()).toMatchObject({
      status: 201,
      headers: { location: `${servers}/10.0.0.2:8080`, etag: '"2"' },
      body: { changed: true, item: { address: '10.0.0.2', port: 8080 } },
    });
    expect(await add()).toMatchObject({ status: 409, body: { code: 'HEADGATE_ALREADY_EXISTS' } });
  });

  it('move the ETag of their backend, and keep their own', async () => {
    await api.send('POST', servers, { body: { address: '10.0.0.2', port: 80 } });
    expect((await api.send('GET', '/api/v1/backends/web')).headers.etag).toBe('"2"');
    expect((await api.send('GET', `${servers}/10.0.0.1:80`)).headers.etag).toBe('"1"');
    expect((await api.send('GET', `${servers}/10.0.0.2:80`)).headers.etag).toBe('"2"');
  });

  it('are named by IPv6 addresses in any spelling', async () => {
    const put = await api.send('PUT', `${servers}/[FD00:0::1]:80`, { body: { weight: 2 } });
    expect(put).toMatchObject({
      status: 201,
      headers: { location: `${servers}/%5Bfd00::1%5D:80` },
      body: { item: { address: 'fd00::1', port: 80, weight: 2 } },
    });
    for (const spelling of ['[fd00::1]:80', '%5Bfd00::1%5D:80', '%5Bfd00%3A%3A1%5D%3A80', '[FD00:0:0::1]:80']) {
      expect((await api.send('GET', `${servers}/${spelling}`)).body).toEqual({
        address: 'fd00::1',
        port: 80,
        weight: 2,
        ...active,
      });
    }
  });

  it('are named by names in any spelling', async () => {
    const item = { address: 'web.internal', port: 80 };
    const put = await api.send('PUT', `${servers}/Web.INTERNAL:80`, { body: {} });
    expect(put).toMatchObject({ status: 201, headers: { location: `${servers}/web.internal:80` }, body: { item } });
    const again = await api.send('POST', servers, { body: { address: 'WEB.internal', port: 80 } });
    expect(again).toMatchObject({ status: 409, body: { code: 'HEADGATE_ALREADY_EXISTS' } });
    expect((await api.send('GET', `${servers}/web.internal:80`)).body).toEqual({ ...item, ...active });
  });

  it('are replaced by PUT, whose content may leave out what the path says', async () => {
    const put = (body: unknown) => api.send('PUT', `${servers}/10.0.0.1:80`, { body });
    expect(await put({ weight: 5 })).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { changed: true } });
    expect(await put({ address: '10.0.0.1', port: 80, weight: 5 })).toMatchObject({
      status: 200,
      body: { changed: false },
    });
    expect(await put({ port: 81 })).toMatchObject({ status: 422, body: { errors: [{ code: 'name_mismatch' }] } });
  });

  it('are merged by PATCH, and cannot move', async () => {
    const patch = (body: unknown) => api.send('PATCH', `${servers}/10.0.0.1:80`, { body });
    expect(await patch({ weight: 7 })).toMatchObject({ status: 200, body: { item: { weight: 7 } } });
    expect((await patch({ weight: null })).body).toMatchObject({ item: { address: '10.0.0.1', port: 80 } });
    expect(await patch({ address: '10.0.0.9' })).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'name_mismatch' }] },
    });
  });

  it('are removed, under a condition if there is one', async () => {
    const remove = (headers: Record<string, string>) => api.send('DELETE', `${servers}/10.0.0.1:80`, { headers });
    expect((await remove({ 'If-Match': '"7"' })).status).toBe(412);
    expect(await remove({ 'If-Match': '"1"' })).toMatchObject({ status: 200, body: { revision: 2, changed: true } });
    expect((await remove({})).status).toBe(404);
    expect((await api.send('GET', '/api/v1/backends/web')).body).toEqual({ name: 'web', servers: [] });
  });

  it('are listed by address and port, page by page', async () => {
    for (const port of [81, 79]) await api.send('POST', servers, { body: { address: '10.0.0.1', port } });
    const list = async (query: string) => (await api.send('GET', `${servers}${query}`)).body;
    const item = (port: number) => ({ address: '10.0.0.1', port, ...active });
    expect(await list('')).toEqual({ items: [item(79), item(80), item(81)] });
    expect(await list('?limit=1&after=10.0.0.1:79')).toEqual({ items: [item(80)], next: '10.0.0.1:80' });
  });

  it('need their backend', async () => {
    const path = '/api/v1/backends/none/servers';
    const body = { address: '10.0.0.1', port: 80 };
    for (const [method, target] of [
      ['GET', path],
      ['POST', path],
      ['GET', `${path}/10.0.0.1:80`],
      ['PUT', `${path}/10.0.0.1:80`],
      ['PATCH', `${path}/10.0.0.1:80`],
      ['DELETE', `${path}/10.0.0.1:80`],
    ] as const) {
      const got = await api.send(method, target, method === 'GET' || method === 'DELETE' ? {} : { body });
      expect(got).toMatchObject({ status: 404, body: { code: 'HEADGATE_NOT_FOUND' } });
    }
  });

  it.each([
    '10.0.0.1',
    '10.0.0.1:0',
    '10.0.0.1:70000',
    '0x7f.1:80',
    'fd00::1:80',
    '%5Bfe80::1%25eth0%5D:80',
    'web_1:80',
  ])('are not called %s', async (endpoint) => {
    const got = await api.send('PUT', `${servers}/${endpoint}`, { body: {} });
    expect(got).toMatchObject({
      status: 400,
      body: { code: 'HEADGATE_BAD_PARAMETER', errors: [{ pointer: '/path/endpoint', code: 'invalid_parameter' }] },
    });
    expect(api.rooms.intent.state.value.revision).toBe(1);
  });
});
