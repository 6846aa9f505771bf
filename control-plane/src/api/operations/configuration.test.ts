import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

describe('the configuration', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(() => api.close());

  const small = {
    backends: [{ name: 'web', servers: [{ address: '10.0.0.1', port: 80 }] }],
    hosts: [{ host: '*', backend: 'web' }],
  };

  it('is empty in a new store', async () => {
    const got = await api.send('GET', '/api/v1/config');
    expect(got).toMatchObject({ status: 200, headers: { etag: '"0"' } });
    expect(got.body).toEqual({ backends: [], hosts: [] });
  });

  it('is replaced as one change, and read back equal', async () => {
    const put = await api.send('PUT', '/api/v1/config', { body: small });
    expect(put).toMatchObject({
      status: 200,
      headers: { etag: '"1"' },
      body: { revision: 1, version: 2, changed: true },
    });
    const read = await api.send('GET', '/api/v1/config');
    expect(read.body).toEqual(small);
    const again = await api.send('PUT', '/api/v1/config', { body: read.body });
    expect(again.body).toMatchObject({ revision: 1, version: 2, changed: false });
    const emptied = await api.send('PUT', '/api/v1/config', { body: { backends: [], hosts: [] } });
    expect(emptied.body).toMatchObject({ revision: 2, changed: true });
  });

  it('takes the JSON of the articles as it stands', async () => {
    const check = { enable: true, type: 'http', uri: '/ping', interval: 3, timeout: 2, success: 2, fail: 3 };
    const body = {
      backends: [
        { backend_name: 'backend2', health_check: check, servers: [{ addr: '127.0.0.1', port: 10001, weight: 10 }] },
      ],
      hosts: [{ host: 'www.test2.com', backend_name: 'backend2' }],
    };
    expect(await api.send('PUT', '/api/v1/config', { body })).toMatchObject({ status: 200, body: { changed: true } });
    expect((await api.send('GET', '/api/v1/config')).body).toMatchObject({
      backends: [
        {
          name: 'backend2',
          servers: [{ address: '127.0.0.1', port: 10001, weight: 10 }],
          healthCheck: { type: 'http', path: '/ping', interval: '3s', timeout: '2s', rise: 2, fall: 3 },
        },
      ],
      hosts: [{ host: 'www.test2.com', backend: 'backend2' }],
    });
  });

  it('has the newest revision as its ETag, for conditions too', async () => {
    await api.send('PUT', '/api/v1/config', { body: small });
    const put = (ifMatch: string) =>
      api.send('PUT', '/api/v1/config', { body: small, headers: { 'If-Match': ifMatch } });
    expect((await put('"0"')).status).toBe(412);
    expect((await put('"1"')).status).toBe(200);
    const read = (held: string) => api.send('GET', '/api/v1/config', { headers: { 'If-None-Match': held } });
    expect((await read('"1"')).status).toBe(304);
    await api.send('PUT', '/api/v1/backends/api', { body: {} });
    expect((await read('"1"')).status).toBe(200);
  });

  it('is refused with all faults at once, and stays', async () => {
    await api.send('PUT', '/api/v1/config', { body: small });
    const got = await api.send('PUT', '/api/v1/config', {
      body: {
        backends: [{ name: 'a', servers: [{ address: '10.0.0', port: 0 }] }, { name: 'a' }],
        hosts: [{ host: 'h.test', backend: 'none' }],
      },
    });
    expect(got).toMatchObject({ status: 422, body: { code: 'HEADGATE_INVALID' } });
    const { errors } = got.body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/backends/0/servers/0/address',
      '/backends/0/servers/0/port',
      '/backends/1/name',
      '/hosts/0/backend',
    ]);
    expect((await api.send('GET', '/api/v1/config')).body).toEqual(small);
  });

  it('of concurrent writers with one ETag takes one', async () => {
    const write = (name: string) =>
      api.send('PUT', '/api/v1/config', { body: { backends: [{ name }], hosts: [] }, headers: { 'If-Match': '"0"' } });
    const got = await Promise.all(['a', 'b', 'c', 'd'].map(write));
    expect(got.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });
});
