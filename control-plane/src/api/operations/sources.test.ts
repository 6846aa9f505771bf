import { ManualClock } from '@headgate/shared/manual-clock';
import { startApi, until, type ApiFixture } from '../api-fixture.cases.ts';

type Json = Readonly<Record<string, unknown>>;

const article = {
  backends: [{ backend_name: 'api', servers: [{ addr: '10.0.0.1', port: 80 }] }],
  hosts: [{ host: 'api.example', backend_name: 'api' }],
};
const withServers = (...last: number[]) => ({
  ...article,
  backends: [{ backend_name: 'api', servers: last.map((n) => ({ addr: `10.0.0.${n}`, port: 80 })) }],
});

describe('posted documents', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(() => api.close());

  const post = (body: unknown, headers: Record<string, string> = {}, query = '') =>
    api.send('POST', `/config${query}`, { body, headers });
  const servers = async () => {
    const { body } = await api.send('GET', '/api/v1/backends/api/servers');
    return (body as { items: Json[] }).items.map(({ address, sources }) => [address, sources]);
  };
  const source = async () => ((await api.send('GET', '/api/v1/sources')).body as { items: Json[] }).items;

  it('are a layer of their own, saved only on request', async () => {
    expect(await source()).toEqual([]);
    expect(await post(article, { 'x-save': '1' })).toMatchObject({
      status: 200,
      body: { version: 2, changed: true, saved: true },
    });
    expect(await servers()).toEqual([['10.0.0.1', ['posted']]]);
    expect(await post(article)).toMatchObject({ body: { version: 2, changed: false } });
    expect(await source()).toMatchObject([{ name: 'posted', state: 'current', entries: 1, unsaved: false }]);
    expect(await post(withServers(1, 2))).toMatchObject({ body: { version: 3, changed: true, saved: false } });
    expect(await source()).toMatchObject([{ name: 'posted', entries: 2, unsaved: true }]);
    expect(await post(withServers(1, 2), { 'x-save': '1' })).toMatchObject({ body: { changed: true, saved: true } });
    expect(await source()).toMatchObject([{ unsaved: false }]);
    expect((await api.send('GET', '/api/v1/revisions')).body).toMatchObject({ items: [] });
  });

  it('are refused whole, with every fault', async () => {
    expect(await post({ backends: [] })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/hosts' }] } });
    const dangling = await post({ backends: [], hosts: [{ host: 'x', backend_name: 'none' }, { host: 'y' }] });
    expect(dangling.status).toBe(422);
    expect((dangling.body as { errors: unknown[] }).errors.length).toBeGreaterThan(1);
    expect((await post(article, { 'x-save': 'yes' })).status).toBe(400);
    expect((await post('null')).status).toBe(422);
  });

  it('meet the change guard, and pass it by force', async () => {
    await post(article);
    expect(await post(withServers())).toMatchObject({ status: 409, body: { code: 'HEADGATE_GUARD' } });
    expect(await post(withServers(), {}, '?force=true')).toMatchObject({ status: 200, body: { changed: true } });
  });

  it('cannot take what operators own, nor operators what they do', async () => {
    await api.send('PUT', '/api/v1/backends/api', { body: { servers: [] } });
    expect(await post(article)).toMatchObject({ status: 422, body: { errors: [{ code: 'name_taken' }] } });
    await api.send('DELETE', '/api/v1/backends/api');
    await post(article);
    const taken = await api.send('PUT', '/api/v1/hosts/api.example', { body: { backend: 'web' } });
    expect(taken.status).toBeGreaterThanOrEqual(400);
    expect((await api.send('PUT', '/api/v1/backends/api', { body: { servers: [] } })).status).toBeGreaterThanOrEqual(
      400,
    );
  });

  it('are audited, and need a right to write', async () => {
    await post(article);
    expect((await api.send('GET', '/api/v1/audit?operation=postDocument')).body).toMatchObject({
      items: [{ objects: ['layer/posted'], changes: 1 }],
    });
    const { body } = await api.send('POST', '/api/v1/tokens', { body: { name: 'reader', scopes: ['read'] } });
    const { token } = body as { token: string };
    expect((await api.send('POST', '/config', { body: article, token })).status).toBe(403);
    expect((await api.send('POST', '/config', { body: article, token: undefined })).status).toBe(401);
  });
});

describe('sources of a backend', () => {
  const kubernetes = { type: 'kubernetes', service: 'web', port: 80, kubeconfig: 'cluster' };
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(() => api.close());

  it('are shown with what is known of them', async () => {
    const put = await api.send('PUT', '/api/v1/backends/web', {
      body: { sources: [{ type: 'dns', name: 'web.invalid', port: 80, resolvers: ['127.0.0.1:1'], timeout: '100ms' }] },
    });
    expect(put.status).toBe(201);
    await until(() => api.rooms.sources.list()[0]?.status.state === 'stale');
    expect((await api.send('GET', '/api/v1/sources')).body).toMatchObject({
      items: [{ name: 'web/dns:0', type: 'dns', backend: 'web', state: 'stale', entries: 0 }],
    });
  });

  it('name secrets that exist, which cannot be removed then', async () => {
    const put = () => api.send('PUT', '/api/v1/backends/web', { body: { sources: [kubernetes] } });
    expect(await put()).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/backends/web/sources/0/kubeconfig', code: 'unknown_secret' }] },
    });
    await api.send('PUT', '/api/v1/secrets/cluster', { body: { value: 'apiVersion: v1' } });
    expect((await put()).status).toBe(201);
    expect(await api.send('DELETE', '/api/v1/secrets/cluster')).toMatchObject({ status: 409 });
    await api.send('PUT', '/api/v1/backends/web', { body: {} });
    expect((await api.send('DELETE', '/api/v1/secrets/cluster')).status).toBeLessThan(300);
    expect(await api.send('POST', '/api/v1/rollback', { body: { to: 1 } })).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'unknown_secret' }] },
    });
  });

  it('cannot be changed by a token for one backend', async () => {
    const sources = [{ type: 'dns', name: 'web.invalid', port: 80, resolvers: ['127.0.0.1:1'] }];
    await api.send('PUT', '/api/v1/backends/web', { body: { sources } });
    const made = await api.send('POST', '/api/v1/tokens', { body: { name: 'team', scopes: ['write:backends/web'] } });
    const { token } = made.body as { token: string };
    const put = (body: unknown) => api.send('PUT', '/api/v1/backends/web', { body, token });
    expect((await put({ sources: [{ ...sources[0], name: 'elsewhere.invalid' }] })).status).toBe(403);
    expect((await put({})).status).toBe(403);
    expect((await put({ sources, via: false })).status).toBe(200);
  });

  it('are refused with the place and the way out', async () => {
    const refused = await api.send('PUT', '/api/v1/backends/web', {
      body: { sources: [{ type: 'etcd' }, { type: 'dns', name: 'web.internal' }] },
    });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: expect.arrayContaining([expect.objectContaining({ pointer: '/sources/1/port' })]) as unknown },
    });
  });
});

describe('a document that the guard holds', () => {
  it('is allowed by an operator, once', async () => {
    const clock = new ManualClock();
    const delivered: ((texts: readonly { name: string; text: string }[]) => void)[] = [];
    const api = await startApi({
      clock,
      layers: {
        file: ({ sink }) => {
          delivered.push((texts) => sink.deliver(texts));
          return { start: () => undefined, close: async () => undefined };
        },
      },
    });
    try {
      const say = async (document: unknown, settled: () => boolean) => {
        delivered[0]!([{ name: 'a.json', text: JSON.stringify(document) }]);
        await until(() => {
          clock.advance(100);
          return settled();
        });
      };
      const status = () => api.rooms.sources.layer('file')!.status;
      await say(article, () => status().entries === 1);
      await say(withServers(), () => status().state === 'held');
      expect((await api.send('POST', '/api/v1/sources/file/allow')).status).toBe(200);
      await say(withServers(), () => status().state === 'current');
      expect((await api.send('POST', '/api/v1/sources/file/allow')).status).toBe(409);
      expect((await api.send('POST', '/api/v1/sources/redis/allow')).status).toBe(404);
    } finally {
      await api.close();
    }
  });
});
