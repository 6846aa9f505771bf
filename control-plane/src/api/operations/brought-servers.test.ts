import type { ServerState } from '@headgate/shared/model/server';
import { startApi, type ApiFixture, type Sent } from '../api-fixture.cases.ts';

const backend = '/api/v1/backends/web';
const own = '10.0.0.1:80';
const brought = '10.0.0.2:80';

describe('servers that others bring', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi();
    const servers = [{ address: '10.0.0.1', port: 80, weight: 2 }];
    const hosts = [{ host: 'h.test', backend: 'web' }];
    await api.send('PUT', '/api/v1/config', { body: { backends: [{ name: 'web', servers }], hosts } });
  });
  afterEach(() => api.close());

  /** As a source brings it; undefined: it goes. */
  const bring = (endpoint: string, state: ServerState | undefined, weight = 1, owner = 'consul:0') => {
    const document = { address: endpoint.replace(/:.*/, ''), port: 80, weight };
    const member = state === undefined ? undefined : { document, state, since: 1 };
    return api.rooms.membership.write(owner, [{ backend: 'web', endpoint, member }]);
  };
  const at = (endpoint: string) => `${backend}/servers/${endpoint}`;

  const patch = (endpoint: string, body: unknown, sent: Sent = {}) =>
    api.send('PATCH', at(endpoint), { ...sent, body });
  const etagOf = async (endpoint: string) => (await api.send('GET', at(endpoint))).headers.etag!;
  const elsewhere = (detail: RegExp) => ({
    status: 409,
    body: { code: 'HEADGATE_OWNED_ELSEWHERE', detail: expect.stringMatching(detail) as string },
  });

  it('take a state from operators, and keep it as long as it is wanted', async () => {
    await bring(brought, 'active', 5);
    const drained = await patch(brought, { state: 'draining' });
    expect(drained).toMatchObject({
      status: 200,
      body: { changed: true, item: { weight: 5, state: 'draining', sources: ['consul'] } },
    });
    expect((await api.send('GET', at(brought))).headers.etag).toBe(drained.headers.etag);
    expect(await patch(brought, { state: 'draining' })).toMatchObject({ body: { changed: false } });
    await bring(brought, undefined);
    expect((await api.send('GET', '/api/v1/overrides')).body).toMatchObject({
      items: [{ server: brought, state: 'draining', present: false }],
    });
    expect((await patch(brought, { state: 'active' })).status).toBe(404);
    await bring(brought, 'active');
    expect(await patch(brought, { state: null })).toMatchObject({ body: { item: { state: 'active' } } });
    expect((await api.send('GET', '/api/v1/audit?operation=patchServer&outcome=written')).body).toMatchObject({
      items: [{ objects: [`override/web/${brought}`] }, { objects: [`override/web/${brought}`] }],
    });
  });

  it('can be tried, and say what nobody wants', async () => {
    await bring(brought, 'draining');
    const tried = await api.send('PATCH', `${at(brought)}?dryRun=true`, { body: { state: 'disabled' } });
    expect(tried.body).toMatchObject({
      diff: { items: [{ kind: 'override', name: `web/${brought}`, change: 'added' }] },
      warnings: [],
    });
    expect(await patch(brought, {})).toMatchObject({ body: { changed: false, item: { state: 'draining' } } });
    expect(await patch(brought, { state: 'up' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/state' }] },
    });
    expect(await patch(brought, { port: 81 })).toMatchObject({ body: { errors: [{ code: 'name_mismatch' }] } });
    expect((await api.send('GET', '/api/v1/overrides')).body).toEqual({ items: [] });
  });

  it('have an ETag that moves with all that is shown, and conditions hold by it', async () => {
    await bring(brought, 'active');
    const seen = [await etagOf(brought)];
    await bring(brought, 'active', 7);
    seen.push(await etagOf(brought));
    await patch(brought, { state: 'draining' }, { headers: { 'If-Match': seen[1]! } });
    seen.push(await etagOf(brought));
    await patch(brought, { state: 'disabled' }, { headers: { 'If-Match': `"1", ${seen[2]!}` } });
    seen.push(await etagOf(brought));
    expect(new Set(seen).size).toBe(4);
    expect((await patch(brought, { state: 'active' }, { headers: { 'If-Match': seen[2]! } })).status).toBe(412);
    const held = { headers: { 'If-None-Match': seen[3]! } };
    expect((await api.send('GET', at(brought), held)).status).toBe(304);
    await bring(brought, 'active', 8);
    expect((await api.send('GET', at(brought), held)).status).toBe(200);
  });

  it('have an ETag that moves with the word of operators, also where it says what others say', async () => {
    await bring(brought, 'draining');
    const before = await etagOf(brought);
    await patch(brought, { state: 'draining' });
    expect(await etagOf(brought)).not.toBe(before);
    await api.send('DELETE', `/api/v1/overrides/web/${brought}`);
    expect(await etagOf(brought)).toBe(before);
  });

  it('show in the ETag of a server of operators, too', async () => {
    const alone = await etagOf(own);
    expect(alone).toBe('"1"');
    await bring(own, 'draining');
    const both = await api.send('GET', at(own));
    expect(both.body).toMatchObject({ weight: 2, state: 'draining', sources: ['static', 'consul'] });
    expect(both.headers.etag).not.toBe(alone);
    await bring(own, undefined);
    expect(await etagOf(own)).toBe(alone);
  });

  it('do not make their word that of operators', async () => {
    await bring(own, 'draining');
    expect(await patch(own, { weight: 3 })).toMatchObject({
      body: { changed: true, item: { weight: 3, state: 'draining', sources: ['static', 'consul'] } },
    });
    expect((await api.send('GET', '/api/v1/overrides')).body).toEqual({ items: [] });
    await bring(own, undefined);
    expect((await api.send('GET', at(own))).body).toMatchObject({ state: 'active' });
  });

  it('are changed where they come from, and nowhere else', async () => {
    await bring(brought, 'active');
    await bring(brought, 'active', 1, 'registration');
    const who = /registration and consul.*PUT it to take it over/;
    expect(await patch(brought, { weight: 3 })).toMatchObject(elsewhere(who));
    expect(await patch(brought, { weight: 3, state: 'draining' })).toMatchObject(elsewhere(who));
    expect(await api.send('DELETE', at(brought))).toMatchObject(elsewhere(who));
    expect(await patch(brought, { weight: 1, state: 'draining' })).toMatchObject({ status: 200 });
    expect((await api.send('DELETE', at('10.0.0.3:80'))).status).toBe(404);
  });

  it('are taken over by PUT, and are given back by DELETE', async () => {
    await bring(brought, 'active', 5);
    const post = { body: { address: '10.0.0.2', port: 80 } };
    expect(await api.send('POST', `${backend}/servers`, post)).toMatchObject({
      body: { code: 'HEADGATE_ALREADY_EXISTS' },
    });
    const fresh = { headers: { 'If-None-Match': '*' }, body: { weight: 9 } };
    expect((await api.send('PUT', at(brought), fresh)).status).toBe(412);
    const taken = await api.send('PUT', at(brought), {
      headers: { 'If-Match': await etagOf(brought) },
      body: { weight: 9 },
    });
    expect(taken).toMatchObject({ status: 200, body: { item: { weight: 9, sources: ['static', 'consul'] } } });
    expect(taken.headers.etag).toBe(await etagOf(brought));
    expect((await api.send('DELETE', at(brought), { headers: { 'If-Match': '"2"' } })).status).toBe(412);
    expect((await api.send('DELETE', at(brought))).status).toBe(200);
    expect((await api.send('GET', at(brought))).body).toMatchObject({ weight: 5, sources: ['consul'] });
  });

  describe('and the change guard', () => {
    it('count: the last of operators may go while they are active', async () => {
      await bring(brought, 'draining');
      expect(await api.send('DELETE', at(own))).toMatchObject({ body: { errors: [{ code: 'deactivates_backend' }] } });
      await bring(brought, 'active');
      const tried = await api.send('DELETE', `${at(own)}?dryRun=true`);
      expect(tried.body).toMatchObject({ guard: { allowed: true }, warnings: [] });
      expect((await api.send('DELETE', at(own))).status).toBe(200);
    });

    it('are warned about in a dry run as they would be then', async () => {
      await bring(brought, 'draining');
      const tried = await api.send('DELETE', `${at(own)}?dryRun=true`);
      expect(tried.body).toMatchObject({
        guard: { allowed: false, reasons: [{ code: 'deactivates_backend' }] },
        warnings: [{ kind: 'backend', name: 'web', code: 'no_active_server' }],
      });
    });
  });
});
