import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

type Json = Readonly<Record<string, unknown>>;

describe('the warnings about the configuration', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(() => api.close());

  const read = async (query = ''): Promise<{ items: readonly Json[]; next?: string }> =>
    (await api.send('GET', `/api/v1/config/warnings${query}`)).body as { items: readonly Json[]; next?: string };

  it('are none about an empty one', async () => {
    expect(await read()).toEqual({ items: [] });
  });

  it('come in pages of any size, each once', async () => {
    const route = { backend: 'web' };
    await api.send('PUT', '/api/v1/config', {
      body: {
        backends: [{ name: 'a' }, { name: 'b' }, { name: 'web' }],
        hosts: [
          { host: '*', routes: [route, route, route, route] },
          { host: 'h.test', routes: [route, route] },
        ],
      },
    });
    for (const port of [81, 80]) {
      const server = `/api/v1/backends/a/servers/10.0.0.1:${port}`;
      await api.send('PUT', server, { body: { state: 'draining' } });
      await api.send('DELETE', server);
    }
    const all = (await read()).items;
    expect(all.map(({ kind, name, code, route: index }) => [kind, name, code, index])).toEqual([
      ['backend', 'a', 'unused_backend', undefined],
      ['backend', 'b', 'unused_backend', undefined],
      ['backend', 'web', 'no_servers', undefined],
      ['host', '*', 'shadowed_route', 1],
      ['host', '*', 'shadowed_route', 2],
      ['host', '*', 'shadowed_route', 3],
      ['host', 'h.test', 'shadowed_route', 1],
      ['override', 'a/10.0.0.1:80', 'no_such_server', undefined],
      ['override', 'a/10.0.0.1:81', 'no_such_server', undefined],
    ]);
    for (const limit of [1, 2, 3, 7, 8]) {
      const seen: Json[] = [];
      let page = await read(`?limit=${limit}`);
      seen.push(...page.items);
      while (page.next !== undefined) {
        page = await read(`?limit=${limit}&after=${encodeURIComponent(page.next)}`);
        seen.push(...page.items);
      }
      expect(seen).toEqual(all);
    }
    expect((await api.send('GET', '/api/v1/config/warnings?after=web')).status).toBe(400);
  });
});
