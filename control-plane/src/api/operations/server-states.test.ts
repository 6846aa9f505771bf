import { startApi, type ApiFixture, type Sent } from '../api-fixture.cases.ts';

type Json = Readonly<Record<string, unknown>>;

const backend = '/api/v1/backends/web';
const first = '10.0.0.1:80';
const second = '10.0.0.2:80';
const configuration = {
  backends: [
    {
      name: 'web',
      servers: [
        { address: '10.0.0.1', port: 80, weight: 2, priority: 1, zone: 'a', labels: { rack: '7' } },
        { address: '10.0.0.2', port: 80 },
      ],
    },
  ],
  hosts: [{ host: 'h.test', backend: 'web' }],
};

describe('the state of a server', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
    await api.send('PUT', '/api/v1/config', { body: configuration });
  });
  afterEach(() => api.close());

  const at = (endpoint: string) => `${backend}/servers/${endpoint}`;
  const patch = (endpoint: string, body: unknown, sent: Sent = {}) =>
    api.send('PATCH', at(endpoint), { ...sent, body });
  const stateOf = async (endpoint: string) => ((await api.send('GET', at(endpoint))).body as Json)['state'];
  const overrides = async () => ((await api.send('GET', '/api/v1/overrides')).body as { items: readonly Json[] }).items;

  it('is shown with the server as it was written, and who brought it', async () => {
    expect((await api.send('GET', at(first))).body).toEqual({
      ...configuration.backends[0]!.servers[0],
      state: 'active',
      sources: ['static'],
    });
    await patch(first, { state: 'draining' });
    expect((await api.send('GET', `${backend}/servers`)).body).toMatchObject({
      items: [{ port: 80, state: 'draining', sources: ['static'] }, { state: 'active' }],
    });
  });

  it('is written by PATCH, and taken back by active or null', async () => {
    expect(await patch(first, { state: 'draining' })).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { revision: 2, changed: true, item: { state: 'draining', weight: 2 } },
    });
    expect(await patch(first, { state: 'draining' })).toMatchObject({ body: { revision: 2, changed: false } });
    expect(await patch(first, { state: 'disabled' })).toMatchObject({ body: { item: { state: 'disabled' } } });
    expect(await patch(first, { state: null })).toMatchObject({ body: { revision: 4, item: { state: 'active' } } });
    await patch(first, { state: 'draining' });
    expect(await patch(first, { state: 'active' })).toMatchObject({ body: { revision: 6, item: { state: 'active' } } });
    expect(await overrides()).toEqual([]);
  });

  it('is one change with the rest of the server', async () => {
    const { body } = await patch(first, { state: 'draining', weight: 9, labels: { rack: null } });
    expect(body).toMatchObject({ revision: 2, item: { state: 'draining', weight: 9, labels: {} } });
    expect((await api.send('GET', '/api/v1/revisions/2')).body).toMatchObject({
      counts: { server: { changed: 1 }, override: { added: 1 }, backend: { changed: 0 } },
    });
  });

  it('is left as it is by a PATCH or PUT that does not name it', async () => {
    await patch(first, { state: 'disabled' });
    expect(await patch(first, { weight: 3 })).toMatchObject({ body: { item: { weight: 3, state: 'disabled' } } });
    expect(await api.send('PUT', at(first), { body: { weight: 4 } })).toMatchObject({
      body: { item: { weight: 4, state: 'disabled' } },
    });
    expect(await api.send('PUT', at(first), { body: { weight: 4, state: 'active' } })).toMatchObject({
      body: { item: { state: 'active' } },
    });
  });

  it('may come along with a new server', async () => {
    const body = { address: '10.0.0.3', port: 80, state: 'disabled' };
    expect(await api.send('POST', `${backend}/servers`, { body })).toMatchObject({
      status: 201,
      body: { item: { ...body, sources: ['static'] } },
    });
    expect(await api.send('PUT', at('10.0.0.4:80'), { body: { state: 'draining' } })).toMatchObject({
      status: 201,
      body: { item: { state: 'draining' } },
    });
  });

  it('takes back what it shows', async () => {
    await patch(first, { state: 'draining' });
    const shown = (await api.send('GET', at(first))).body;
    expect(await api.send('PUT', at(first), { body: shown })).toMatchObject({ status: 200, body: { changed: false } });
  });

  it.each<[unknown, string, string]>([
    [{ state: 'drained' }, '/state', 'invalid_value'],
    [{ state: 1 }, '/state', 'wrong_type'],
    [{ sources: ['somewhere'] }, '/sources/0', 'invalid_value'],
    [{ sources: [] }, '/sources', 'invalid_value'],
    [{ status: 'draining' }, '/status', 'unknown_field'],
  ])('is refused with a fault in %j', async (body, pointer, code) => {
    for (const method of ['PATCH', 'PUT']) {
      const got = await api.send(method, at(first), { body });
      expect(got).toMatchObject({ status: 422, body: { errors: [{ pointer, code }] } });
    }
    expect(api.rooms.intent.state.value.revision).toBe(1);
  });

  it('is no part of backends and configurations, and their refusal says where it goes', async () => {
    const servers = [{ address: '10.0.0.1', port: 80, state: 'draining' }];
    const backends = [{ name: 'web', servers }];
    const article = [{ backend_name: 'web', servers: [{ addr: '10.0.0.1', port: 80, state: 'down' }] }];
    for (const [method, path, body, pointer] of [
      ['PUT', backend, { servers }, '/servers/0/state'],
      ['PATCH', backend, { servers }, '/servers/0/state'],
      ['PUT', '/api/v1/config', { backends, hosts: [] }, '/backends/0/servers/0/state'],
      ['PUT', '/api/v1/config', { backends: article, hosts: [] }, '/backends/0/servers/0/state'],
    ] as const) {
      const got = await api.send(method, path, { body });
      const fix = expect.stringContaining('PATCH /api/v1/backends/{name}/servers/{address:port}') as string;
      expect(got).toMatchObject({ status: 422, body: { errors: [{ pointer, code: 'state_elsewhere', fix }] } });
    }
  });

  it('is untouched by PUT of the backend and of the configuration, and survives the server', async () => {
    await patch(first, { state: 'draining' });
    const { servers } = configuration.backends[0]!;
    await api.send('PUT', backend, { body: { servers, via: false } });
    await api.send('PUT', '/api/v1/config', { body: configuration });
    expect(await stateOf(first)).toBe('draining');
    await api.send('DELETE', at(first));
    expect(await overrides()).toEqual([{ backend: 'web', server: first, state: 'draining', present: false }]);
    const back = await api.send('POST', `${backend}/servers`, { body: { address: '10.0.0.1', port: 80 } });
    expect(back).toMatchObject({ status: 201, body: { item: { state: 'draining' } } });
  });

  it('goes with its backend', async () => {
    const empty = { body: { backends: [], hosts: [] } };
    await patch(first, { state: 'draining' });
    await api.send('PUT', '/api/v1/config?force=true', empty);
    expect(await overrides()).toEqual([]);
    await api.send('PUT', '/api/v1/config', { body: { ...configuration, hosts: [] } });
    expect(await stateOf(first)).toBe('active');
    await patch(first, { state: 'draining' });
    await api.send('DELETE', backend);
    expect(await overrides()).toEqual([]);
  });

  it('moves the ETag of the server, and is written under its conditions', async () => {
    await patch(first, { state: 'draining' }, { headers: { 'If-Match': '"1"' } });
    expect((await api.send('GET', at(first))).headers.etag).toBe('"2"');
    expect((await patch(first, { state: 'active' }, { headers: { 'If-Match': '"1"' } })).status).toBe(412);
    expect((await api.send('GET', at(first), { headers: { 'If-None-Match': '"2"' } })).status).toBe(304);
    await api.send('DELETE', `/api/v1/overrides/web/${first}`);
    expect((await api.send('GET', at(first))).headers.etag).toBe('"3"');
    expect((await api.send('GET', at(second))).headers.etag).toBe('"1"');
  });

  it('can be tried', async () => {
    const got = await api.send('PATCH', `${at(first)}?dryRun=true`, { body: { state: 'draining' } });
    expect(got.body).toMatchObject({
      wouldChange: true,
      diff: {
        counts: { override: { added: 1 }, server: { changed: 0 } },
        items: [{ kind: 'override', name: `web/${first}`, change: 'added', after: { state: 'draining' } }],
      },
      guard: { allowed: true },
    });
    expect(await stateOf(first)).toBe('active');
    await patch(first, { state: 'draining' });
    const removal = await api.send('DELETE', `/api/v1/overrides/web/${first}?dryRun=true`);
    expect(removal.body).toMatchObject({
      wouldChange: true,
      diff: { items: [{ kind: 'override', change: 'removed' }] },
    });
    expect(await stateOf(first)).toBe('draining');
  });

  it('is held by the change guard when no active server would be left, unless it is forced', async () => {
    await patch(second, { state: 'draining' });
    const held = await patch(first, { state: 'disabled' });
    expect(held).toMatchObject({
      status: 409,
      body: { code: 'HEADGATE_GUARD', errors: [{ code: 'deactivates_backend' }] },
    });
    const forced = await api.send('PATCH', `${at(first)}?force=true`, { body: { state: 'disabled' } });
    expect(forced.status).toBe(200);
    expect((await api.send('GET', '/api/v1/config/warnings')).body).toMatchObject({
      items: [{ kind: 'backend', name: 'web', code: 'no_active_server' }],
    });
  });

  it('is part of history, and a rollback restores it', async () => {
    await patch(first, { state: 'draining' });
    await patch(first, { state: 'disabled' });
    const diff = (await api.send('GET', '/api/v1/revisions/3/diff')).body;
    expect(diff).toMatchObject({
      items: [
        {
          kind: 'override',
          name: `web/${first}`,
          change: 'changed',
          fields: [{ pointer: '/state', before: 'draining', after: 'disabled' }],
        },
      ],
    });
    for (const [to, state] of [
      [2, 'draining'],
      [1, 'active'],
      [3, 'disabled'],
    ] as const) {
      expect((await api.send('POST', '/api/v1/rollback', { body: { to } })).status).toBe(200);
      const { headers, body } = await api.send('GET', at(first));
      expect([(body as Json)['state'], headers.etag]).toEqual([state, `"${api.rooms.intent.state.value.revision}"`]);
    }
  });

  it('is audited and told as an event', async () => {
    const events: unknown[] = [];
    api.rooms.intent.onCommit(({ objects }) => events.push(objects.map(({ kind, name }) => `${kind}/${name}`)));
    await patch(first, { state: 'draining' });
    expect(events).toEqual([['backend/web', `server/web/${first}`, `override/web/${first}`]]);
    expect((await api.send('GET', '/api/v1/audit?operation=patchServer')).body).toMatchObject({
      items: [{ revision: 2, objects: expect.arrayContaining([`override/web/${first}`]) as string[] }],
    });
  });

  describe('as an override', () => {
    const path = `/api/v1/overrides/web/${first}`;
    beforeEach(() => patch(first, { state: 'draining' }));

    it('is shown alone, with an ETag of its own', async () => {
      await patch(first, { weight: 9 });
      expect(await api.send('GET', path)).toMatchObject({
        status: 200,
        headers: { etag: '"2"' },
        body: { backend: 'web', server: first, state: 'draining', present: true },
      });
      for (const absent of [`/api/v1/overrides/web/${second}`, `/api/v1/overrides/none/${first}`]) {
        expect((await api.send('GET', absent)).status).toBe(404);
        expect((await api.send('DELETE', absent)).status).toBe(404);
      }
    });

    it('is removed, under a condition if there is one', async () => {
      expect((await api.send('DELETE', path, { headers: { 'If-Match': '"1"' } })).status).toBe(412);
      const removed = await api.send('DELETE', path, { headers: { 'If-Match': '"2"' } });
      expect(removed).toMatchObject({ status: 200, body: { revision: 3, changed: true } });
      expect(await stateOf(first)).toBe('active');
    });

    it('is warned about while its server is absent, and removed all the same', async () => {
      await api.send('DELETE', at(first));
      const warnings = async () => (await api.send('GET', '/api/v1/config/warnings')).body;
      expect(await warnings()).toMatchObject({
        items: [{ kind: 'override', name: `web/${first}`, code: 'no_such_server' }],
      });
      expect((await api.send('DELETE', path)).status).toBe(200);
      expect(await warnings()).toEqual({ items: [] });
    });

    it('is listed by name, page by page', async () => {
      await api.send('PUT', '/api/v1/backends/a', { body: { servers: [{ address: '10.0.0.9', port: 1 }] } });
      await api.send('PATCH', '/api/v1/backends/a/servers/10.0.0.9:1', { body: { state: 'disabled' } });
      const page = (await api.send('GET', '/api/v1/overrides?limit=1')).body;
      expect(page).toEqual({
        items: [{ backend: 'a', server: '10.0.0.9:1', state: 'disabled', present: true }],
        next: 'a/10.0.0.9:1',
      });
      const rest = (await api.send('GET', `/api/v1/overrides?after=${encodeURIComponent('a/10.0.0.9:1')}`)).body;
      expect(rest).toMatchObject({ items: [{ backend: 'web', server: first }] });
    });
  });
});
