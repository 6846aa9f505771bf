import { parseConfiguration } from '@headgate/shared/model/parse-configuration';
import type { LayerName } from '../../membership/membership-state.ts';
import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

const site = (name: string, ...weights: number[]) => ({
  backends: [
    {
      name,
      servers: weights.map((weight, index) => ({ address: `10.0.0.${index + 1}`, port: 80, weight })),
      via: false,
    },
  ],
  hosts: [{ host: `${name}.test`, backend: name }],
});

describe('document layers', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
    await api.send('PUT', '/api/v1/config', { body: site('web', 1) });
    await put('file', site('api', 2, 3));
  });
  afterEach(() => api.close());

  const put = (layer: LayerName, input: unknown, { saved = true, force = true } = {}) => {
    const parsed = parseConfiguration(input);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
    const desired = api.rooms.desired.state.value;
    return api.rooms.membership.putLayer({ layer, document: parsed.value, desired, saved, force });
  };
  const elsewhere = (detail: RegExp) => ({
    status: 409,
    body: { code: 'HEADGATE_OWNED_ELSEWHERE', detail: expect.stringMatching(detail) as string },
  });
  const server = '/api/v1/backends/api/servers/10.0.0.1:80';

  const read = async (path: string): Promise<unknown> => (await api.send('GET', path)).body;

  it('are listed, with how much they hold', async () => {
    await put('posted', { ...site('shop', 1), hosts: [] });
    const { version } = api.rooms.desired.state.value;
    expect(await read('/api/v1/layers')).toEqual({
      version,
      items: [
        { name: 'file', backends: 1, hosts: 1 },
        { name: 'redis', backends: 0, hosts: 0 },
        { name: 'posted', backends: 1, hosts: 0, unsaved: false },
      ],
    });
    await put('posted', site('shop', 2), { saved: false });
    expect(await read('/api/v1/layers')).toMatchObject({ items: [{}, {}, { hosts: 1, unsaved: true }] });
  });

  it('are shown as configurations, with an ETag that moves with what they hold', async () => {
    const { headers, body } = await api.send('GET', '/api/v1/layers/file');
    expect(body).toEqual(site('api', 2, 3));
    expect(await read('/api/v1/layers/redis')).toEqual({ backends: [], hosts: [] });
    const held = { headers: { 'If-None-Match': headers.etag! } };
    expect((await api.send('GET', '/api/v1/layers/file', held)).status).toBe(304);
    await put('file', site('api', 2, 4));
    expect((await api.send('GET', '/api/v1/layers/file', held)).status).toBe(200);
    await put('file', site('api', 2, 3));
    expect((await api.send('GET', '/api/v1/layers/file', held)).status).toBe(304);
    expect(await api.send('GET', '/api/v1/layers/web')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/path/layer' }] },
    });
  });

  it('are read with what operators wrote, object by object, and say whose it is', async () => {
    const [theirs, ours] = [site('api', 2, 3), site('web', 1)];
    expect(await read('/api/v1/backends/api')).toEqual({ ...theirs.backends[0], layer: 'file' });
    expect(await read('/api/v1/hosts/api.test')).toEqual({ ...theirs.hosts[0], layer: 'file' });
    expect(await read('/api/v1/backends/web')).toEqual(ours.backends[0]);
    expect(await read('/api/v1/backends')).toEqual({
      items: [{ ...theirs.backends[0], layer: 'file' }, ours.backends[0]],
    });
    expect(await read('/api/v1/hosts?limit=1')).toEqual({
      items: [{ ...theirs.hosts[0], layer: 'file' }],
      next: 'api.test',
    });
    expect(await read('/api/v1/hosts?after=api.test')).toEqual({ items: [ours.hosts[0]] });
    expect(await read('/api/v1/config')).toEqual(ours);
  });

  it('have objects whose ETags move with them', async () => {
    for (const path of ['/api/v1/backends/api', '/api/v1/hosts/api.test']) {
      const before = (await api.send('GET', path)).headers.etag!;
      const host = { host: 'api.test', routes: [{ backend: 'api', match: { path: { prefix: '/v1' } } }] };
      await put('file', { ...site('api', 9), hosts: [host] });
      const held = { headers: { 'If-None-Match': before } };
      expect((await api.send('GET', path, held)).status).toBe(200);
      await put('file', site('api', 2, 3));
      expect((await api.send('GET', path, held)).status).toBe(304);
    }
  });

  it('are not written by sending back what is shown', async () => {
    for (const path of ['/api/v1/backends/api', '/api/v1/hosts/api.test']) {
      expect(await api.send('PUT', path, { body: await read(path) })).toMatchObject(elsewhere(/document layer file/));
    }
  });

  it('meet the change guard, which counts what members and operators say', async () => {
    const held = { code: 'HEADGATE_GUARD' };
    const empty = () => put('file', site('api'), { force: false });
    await expect(empty()).rejects.toMatchObject(held);
    const document = { address: '10.0.0.9', port: 80 };
    const member = { document, state: 'active', since: 1 } as const;
    await api.rooms.membership.write('consul:0', [{ backend: 'api', endpoint: '10.0.0.9:80', member }]);
    await api.send('PATCH', '/api/v1/backends/api/servers/10.0.0.9:80', { body: { state: 'draining' } });
    await expect(empty()).rejects.toMatchObject(held);
    await api.send('DELETE', '/api/v1/overrides/api/10.0.0.9:80');
    expect(await empty()).toMatchObject({ changed: true });
  });

  describe('own what they brought', () => {
    it.each<[string, string, unknown]>([
      ['PUT', '/api/v1/backends/api', { via: true }],
      ['PATCH', '/api/v1/backends/api', { via: true }],
      ['DELETE', '/api/v1/backends/api', undefined],
      ['POST', '/api/v1/backends', { name: 'api' }],
      ['PUT', '/api/v1/hosts/api.test', { backend: 'web' }],
      ['PATCH', '/api/v1/hosts/API.test', { backend: 'web' }],
      ['DELETE', '/api/v1/hosts/api.test', undefined],
      ['POST', '/api/v1/hosts', { host: 'api.test', backend: 'web' }],
      ['PUT', server, { weight: 9 }],
      ['PATCH', server, { weight: 9 }],
      ['DELETE', server, undefined],
      ['POST', '/api/v1/backends/api/servers', { address: '10.0.0.9', port: 80 }],
    ])('against %s %s', async (method, path, body) => {
      const sent = body === undefined ? {} : { body };
      const got = await api.send(method, path, sent);
      expect(got).toMatchObject(elsewhere(/document layer file — |brought by file — /));
      expect(await api.send(method, `${path}?dryRun=true`, sent)).toMatchObject({ status: 409 });
      expect(api.rooms.intent.state.value.revision).toBe(1);
    });

    it('but for the state of servers, which is the word of operators', async () => {
      const before = (await api.send('GET', server)).headers.etag!;
      const sent = { headers: { 'If-Match': before }, body: { state: 'draining' } };
      const drained = await api.send('PATCH', server, sent);
      expect(drained).toMatchObject({
        status: 200,
        body: { item: { weight: 2, state: 'draining', sources: ['file'] } },
      });
      expect(drained.headers.etag).not.toBe(before);
      expect((await api.send('PATCH', server, sent)).status).toBe(412);
      const override = { backend: 'api', server: '10.0.0.1:80', state: 'draining', present: true };
      expect((await api.send('GET', '/api/v1/overrides/api/10.0.0.1:80')).body).toEqual(override);
      expect((await api.send('GET', '/api/v1/overrides')).body).toEqual({ items: [override] });
      const last = await api.send('PATCH', '/api/v1/backends/api/servers/10.0.0.2:80', { body: { state: 'disabled' } });
      expect(last).toMatchObject({ status: 409, body: { errors: [{ code: 'deactivates_backend' }] } });
      expect((await api.send('DELETE', '/api/v1/overrides/api/10.0.0.1:80')).status).toBe(200);
      expect((await api.send('GET', server)).body).toMatchObject({ state: 'active' });
      expect((await api.send('GET', server)).headers.etag).toBe(before);
      expect((await api.send('POST', '/api/v1/rollback', { body: { to: 2 } })).status).toBe(200);
      expect((await api.send('GET', server)).body).toMatchObject({ state: 'draining' });
    });
  });
});
