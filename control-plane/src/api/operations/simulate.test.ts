import { parseConfiguration } from '@headgate/shared/model/parse-configuration';
import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

interface Fault {
  readonly pointer: string;
  readonly code: string;
}

const backends = [{ name: 'web', servers: [{ address: '10.0.0.1', port: 80 }] }, { name: 'canary' }];
const hosts = [{ host: 'a.test', backend: 'web' }];
const requests = [
  { url: 'http://a.test/' },
  { url: 'http://a.test/', headers: { 'X-Canary': 'yes' } },
  { host: 'b.test', path: '/' },
];
const toWeb = { host: 'a.test', route: 0, backends: [{ name: 'web', weight: 1 }] };
const nowhere = { backends: [], reason: 'unknown_host' };

describe('POST /api/v1/simulate', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await startApi();
    await api.send('PUT', '/api/v1/config', { body: { backends, hosts } });
  });
  afterAll(() => api.close());

  const simulate = (body: unknown) => api.send('POST', '/api/v1/simulate', { body });
  const faultsOf = async (body: unknown): Promise<readonly string[]> => {
    const { status, body: problem } = await simulate(body);
    expect(status).toBe(422);
    return (problem as { errors: readonly Fault[] }).errors.map(({ pointer, code }) => `${code} ${pointer}`);
  };

  it('says where requests go now, when no draft is sent', async () => {
    const { status, body } = await simulate({ requests });
    expect(status).toBe(200);
    expect(body).toEqual({
      revision: 1,
      changed: [],
      items: [toWeb, toWeb, nowhere].map((destination) => ({
        current: destination,
        draft: destination,
        changed: false,
      })),
    });
  });

  it('counts hosts of document layers, which a draft leaves as they are', async () => {
    const layered = { backends: [{ name: 'shop' }], hosts: [{ host: 'shop.test', backend: 'shop' }] };
    const parsed = parseConfiguration(layered);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    const { membership, desired } = api.rooms;
    const put = (document: typeof parsed.value) =>
      membership.putLayer({ layer: 'redis', document, desired: desired.state.value, force: true });
    await put(parsed.value);
    const asked = [{ host: 'shop.test', path: '/' }];
    const toShop = { host: 'shop.test', route: 0, backends: [{ name: 'shop', weight: 1 }] };
    const items = [{ current: toShop, draft: toShop, changed: false }];
    expect((await simulate({ requests: asked })).body).toMatchObject({ items });
    expect((await simulate({ configuration: { backends, hosts }, requests: asked })).body).toMatchObject({ items });
    await put({ backends: [], hosts: [] });
  });

  it('says which requests would go elsewhere under a draft, and changes nothing', async () => {
    const match = { headers: [{ name: 'x-canary', present: true }] };
    const routes = [{ match, backends: [{ name: 'canary', weight: 9 }, { name: 'web' }] }, { backend: 'web' }];
    const { body } = await simulate({ configuration: { backends, hosts: [{ host: 'a.test', routes }] }, requests });
    const split = [
      { name: 'canary', weight: 9 },
      { name: 'web', weight: 1 },
    ];
    expect(body).toEqual({
      revision: 1,
      changed: [1],
      items: [
        { current: toWeb, draft: { ...toWeb, route: 1 }, changed: false },
        { current: toWeb, draft: { ...toWeb, backends: split }, changed: true },
        { current: nowhere, draft: nowhere, changed: false },
      ],
    });
    expect(api.rooms.intent.state.value.revision).toBe(1);
    expect((await api.send('GET', '/api/v1/config')).body).toMatchObject({ hosts });
  });

  it('follows the current configuration', async () => {
    const other = await startApi();
    const ask = async () => (await other.send('POST', '/api/v1/simulate', { body: { requests: [requests[0]] } })).body;
    expect(await ask()).toMatchObject({ revision: 0, items: [{ current: nowhere }] });
    await other.send('PUT', '/api/v1/config', { body: { backends, hosts } });
    expect(await ask()).toMatchObject({ revision: 1, items: [{ current: toWeb }] });
    await other.send('DELETE', '/api/v1/hosts/a.test');
    expect(await ask()).toMatchObject({ revision: 2, items: [{ current: nowhere }] });
    await other.close();
  });

  it('takes a draft in the spelling of article 001', async () => {
    const configuration = {
      backends: [{ backend_name: 'old', servers: [{ addr: '10.0.0.9', port: 80 }] }],
      hosts: [{ host: 'b.test', backend_name: 'old' }],
    };
    const { body } = await simulate({ configuration, requests });
    expect(body).toMatchObject({ changed: [0, 1, 2], items: [{}, {}, { draft: { backends: [{ name: 'old' }] } }] });
  });

  it('finds every fault of the draft, as PUT /config does, and of the requests', async () => {
    const configuration = {
      backends: [{ name: 'web', servers: [{ address: '169.254.169.254', port: 80 }] }],
      hosts: [
        { host: 'a.test', routes: [{ backends: [{ name: 'web' }, { name: 'web' }] }, {}] },
        { host: 'b.test', routes: [{ match: { method: 'get' }, backends: [{ name: 'nobody' }] }] },
      ],
    };
    const put = await api.send('PUT', '/api/v1/config', { body: configuration });
    const expected = (put.body as { errors: readonly Fault[] }).errors.map(
      ({ pointer, code }) => `${code} /configuration${pointer}`,
    );
    expect(expected).toContain('refused_address /configuration/backends/0/servers/0/address');
    expect(expected).toContain('unknown_backend /configuration/hosts/1/routes/0/backends/0/name');
    expect(expected).toContain('required /configuration/hosts/0/routes/1');
    expect(await faultsOf({ configuration, requests })).toEqual(expected);
    const both = await faultsOf({ configuration, requests: [{ url: 'x' }, { host: 'a.test', headers: { a: 1 } }] });
    expect(both).toEqual(['invalid_value /requests/0/url', 'wrong_type /requests/1/headers/a', ...expected]);
  });

  it.each<[unknown, string]>([
    [{}, 'required /requests'],
    [{ requests: [] }, 'invalid_value /requests'],
    [{ requests: Array(1_001).fill({ host: 'a.test' }) }, 'invalid_value /requests'],
    [{ requests: [{}] }, 'invalid_value /requests/0'],
    [{ requests, config: {} }, 'unknown_field /config'],
    [{ requests, configuration: {} }, 'required /configuration/backends'],
    [{ requests, configuration: null }, 'wrong_type /configuration'],
    [[], 'wrong_type '],
  ])('refuses %.60j', async (body, expected) => {
    expect(await faultsOf(body)).toContain(expected);
  });

  it('takes a thousand requests', async () => {
    const { body } = await simulate({ requests: Array(1_000).fill(requests[0]) });
    expect((body as { items: readonly unknown[] }).items).toHaveLength(1_000);
  });

  it('wants a token that may read, and no more', async () => {
    const tokenOf = async (name: string, scope: string): Promise<string> => {
      const created = await api.send('POST', '/api/v1/tokens', { body: { name, scopes: [scope] } });
      return (created.body as { token: string }).token;
    };
    const body = { requests };
    const [reader, own] = [await tokenOf('reader', 'read'), await tokenOf('own', 'write:backends/web')];
    const ask = async (token: string) => (await api.send('POST', '/api/v1/simulate', { body, token })).status;
    expect([await ask(reader), await ask(own), await ask('wrong')]).toEqual([200, 403, 401]);
  });
});
