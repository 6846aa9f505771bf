import { ManualClock } from '@headgate/shared/manual-clock';
import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

type Json = Readonly<Record<string, unknown>>;
interface Diff extends Json {
  readonly items: readonly Json[];
  readonly truncated: number;
  readonly next?: string;
}

const server = { address: '10.0.0.1', port: 80 };
const first = { backends: [{ name: 'web', servers: [server] }], hosts: [{ host: '*', backend: 'web' }] };
const nothing = { added: 0, changed: 0, removed: 0 };

describe('revisions', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi({ keptRevisions: 4 });
  });
  afterEach(() => api.close());

  const body = async <T = Json>(method: string, path: string, content?: unknown): Promise<T> =>
    (await api.send(method, path, content === undefined ? {} : { body: content })).body as T;

  /** Revision 1 is `first`, 2 weighs its server, 3 adds a host, 4 removes it. */
  async function makeFour(): Promise<void> {
    await body('PUT', '/api/v1/config?message=first', first);
    await body('PATCH', '/api/v1/backends/web/servers/10.0.0.1:80', { weight: 2 });
    await body('PUT', '/api/v1/hosts/h.test', { backend: 'web' });
    await body('DELETE', '/api/v1/hosts/h.test');
  }

  it('are none in a new store', async () => {
    expect(await body('GET', '/api/v1/revisions')).toEqual({ items: [] });
    expect(await api.send('GET', '/api/v1/revisions/newest')).toMatchObject({
      status: 404,
      body: { code: 'HEADGATE_NOT_FOUND', detail: expect.stringContaining('there are none yet') as string },
    });
  });

  it('are listed with who, when, why and how much, newest first', async () => {
    await makeFour();
    const { items } = await body<{ items: readonly Json[] }>('GET', '/api/v1/revisions');
    expect(items.map(({ revision, version }) => [revision, version])).toEqual([
      [4, 5],
      [3, 4],
      [2, 3],
      [1, 2],
    ]);
    const one = { ...nothing, added: 1 };
    expect(items[3]).toMatchObject({ message: 'first', counts: { backend: one, server: one, host: one } });
    expect(items[2]).toMatchObject({ message: '', counts: { backend: nothing, server: { ...nothing, changed: 1 } } });
    for (const { at, author } of items) {
      expect(Math.abs(Date.parse(String(at)) - Date.now())).toBeLessThan(60_000);
      expect(author).not.toBe('');
    }
  });

  it('come in pages', async () => {
    await makeFour();
    const seen: unknown[] = [];
    let after = '';
    do {
      const page = await body<{ items: readonly Json[]; next?: string }>('GET', `/api/v1/revisions?limit=3${after}`);
      seen.push(page.items.map(({ revision }) => revision));
      after = page.next === undefined ? '' : `&after=${page.next}`;
    } while (after !== '');
    expect(seen).toEqual([[4, 3, 2], [1]]);
    expect((await api.send('GET', '/api/v1/revisions?after=x')).status).toBe(400);
  });

  it('are shown with their diff', async () => {
    await makeFour();
    expect(await body('GET', '/api/v1/revisions/2')).toMatchObject({
      revision: 2,
      diff: {
        items: [
          { kind: 'server', name: 'web/10.0.0.1:80', change: 'changed', fields: [{ pointer: '/weight', after: 2 }] },
        ],
        truncated: 0,
      },
    });
    const { diff } = await body<{ diff: Diff }>('GET', '/api/v1/revisions/1');
    expect(diff.items.map(({ kind, name, change }) => [kind, name, change])).toEqual([
      ['backend', 'web', 'added'],
      ['host', '*', 'added'],
      ['server', 'web/10.0.0.1:80', 'added'],
    ]);
    expect((await body('GET', '/api/v1/revisions/newest'))['revision']).toBe(4);
  });

  describe('their diff', () => {
    it('compares any two, in either direction', async () => {
      await makeFour();
      const changed = { kind: 'server', name: 'web/10.0.0.1:80', change: 'changed' };
      expect(await body('GET', '/api/v1/revisions/4/diff?from=1')).toMatchObject({
        from: 1,
        to: 4,
        items: [{ ...changed, fields: [{ pointer: '/weight', after: 2 }] }],
      });
      expect(await body('GET', '/api/v1/revisions/1/diff?from=newest')).toMatchObject({
        from: 4,
        to: 1,
        items: [{ ...changed, fields: [{ pointer: '/weight', before: 2 }] }],
      });
      expect((await body<Diff>('GET', '/api/v1/revisions/3/diff?from=3')).items).toEqual([]);
    });

    it('is against the one before by default', async () => {
      await makeFour();
      expect(await body('GET', '/api/v1/revisions/3/diff')).toMatchObject({
        from: 2,
        to: 3,
        items: [{ kind: 'host', name: 'h.test', change: 'added', after: { host: 'h.test', backend: 'web' } }],
      });
    });

    it('comes in pages', async () => {
      const backends = Array.from({ length: 5 }, (_, index) => ({ name: `b${index}` }));
      await body('PUT', '/api/v1/config', { backends, hosts: [] });
      const page = await body<Diff>('GET', '/api/v1/revisions/1/diff?limit=3');
      expect(page).toMatchObject({ truncated: 2, counts: { backend: { added: 5 } } });
      const rest = await body<Diff>('GET', `/api/v1/revisions/1/diff?limit=3&after=${encodeURIComponent(page.next!)}`);
      expect([...page.items, ...rest.items].map(({ name }) => name)).toEqual(['b0', 'b1', 'b2', 'b3', 'b4']);
      expect(rest).toMatchObject({ truncated: 0 });
      expect(rest.next).toBeUndefined();
    });
  });

  it('that are not kept are 404, which says those that are', async () => {
    await makeFour();
    await body('PUT', '/api/v1/backends/api', {});
    await body('PUT', '/api/v1/backends/api2', {});
    const kept = { status: 404, body: { detail: expect.stringContaining('from 3 to 6') as string } };
    for (const path of [
      'revisions/2',
      'revisions/7',
      'revisions/2/diff',
      'revisions/5/diff?from=1',
      'revisions/9/diff',
    ])
      expect(await api.send('GET', `/api/v1/${path}`)).toMatchObject(kept);
    expect(await api.send('POST', '/api/v1/rollback', { body: { to: 1 } })).toMatchObject(kept);
    expect(await api.send('POST', '/api/v1/rollback', { body: { to: 7 } })).toMatchObject(kept);
    // The content of the one before the oldest follows from what the oldest changed.
    expect((await api.send('GET', '/api/v1/revisions/3/diff')).status).toBe(200);
    expect((await api.send('POST', '/api/v1/rollback', { body: { to: 2 } })).status).toBe(200);
  });

  it.each(['revisions/-1', 'revisions/x', 'revisions/1/diff?from=x', 'revisions/01', 'revisions/1e3'])(
    'are named by numbers: %s is 400',
    async (path) => {
      expect(await api.send('GET', `/api/v1/${path}`)).toMatchObject({
        status: 400,
        body: { code: 'HEADGATE_BAD_PARAMETER' },
      });
    },
  );
});

describe('rollback', () => {
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi({ clock: new ManualClock() });
    await api.send('PUT', '/api/v1/config', { body: first });
    await api.send('PATCH', '/api/v1/backends/web', { body: { via: false } });
    await api.send('PUT', '/api/v1/hosts/h.test', { body: { backend: 'web' } });
  });
  afterEach(() => api.close());

  const rollback = (content: unknown, query = '', headers: Readonly<Record<string, string>> = {}) =>
    api.send('POST', `/api/v1/rollback${query}`, { body: content, headers });

  it('makes a new revision and version with the content of an earlier one', async () => {
    expect(await rollback({ to: 1 })).toMatchObject({
      status: 200,
      headers: { etag: '"4"' },
      body: { revision: 4, version: 5, changed: true },
    });
    expect((await api.send('GET', '/api/v1/config')).body).toEqual(first);
    expect(api.rooms.newest.value.id.version).toBe(5);
    expect((await api.send('GET', '/api/v1/revisions/4')).body).toMatchObject({ message: 'rollback to 1' });
    await rollback({ to: 3 }, '?message=back%20again');
    expect((await api.send('GET', '/api/v1/revisions/5')).body).toMatchObject({ message: 'back again' });
    expect((await api.send('GET', '/api/v1/revisions/5/diff?from=3')).body).toMatchObject({ items: [] });
  });

  it('changes nothing where the content is equal', async () => {
    expect((await rollback({ to: 3 })).body).toMatchObject({ revision: 3, version: 4, changed: false });
    await rollback({ to: 2 });
    expect((await rollback({ to: 2 })).body).toMatchObject({ revision: 4, changed: false });
  });

  it('goes back to the empty configuration', async () => {
    expect((await rollback({ to: 0 })).body).toMatchObject({ revision: 4, changed: true });
    expect((await api.send('GET', '/api/v1/config')).body).toEqual({ backends: [], hosts: [] });
  });

  it('is made only when nobody has changed anything since, if that is asked for', async () => {
    expect(await rollback({ to: 1 }, '', { 'If-Match': '"2"' })).toMatchObject({
      status: 412,
      body: { code: 'HEADGATE_STALE' },
    });
    expect((await rollback({ to: 1 }, '', { 'If-Match': '"3"' })).status).toBe(200);
  });

  it('shows what it would do, and does nothing', async () => {
    expect((await rollback({ to: 1 }, '?dryRun=true')).body).toMatchObject({
      dryRun: true,
      wouldChange: true,
      revision: 3,
      diff: {
        items: [
          { kind: 'backend', name: 'web', fields: [{ pointer: '/via', before: false }] },
          { kind: 'host', name: 'h.test', change: 'removed' },
        ],
      },
    });
    expect((await rollback({ to: 9 }, '?dryRun=true')).status).toBe(404);
    expect(api.rooms.intent.state.value.revision).toBe(3);
  });

  it('is held by the change guard, unless it is forced', async () => {
    const hosts = Array.from({ length: 20 }, (_, index) => ({ host: `h${index}.test`, backend: 'web' }));
    await api.send('PUT', '/api/v1/config', { body: { ...first, hosts } });
    expect(await rollback({ to: 1 })).toMatchObject({
      status: 409,
      body: { code: 'HEADGATE_GUARD', errors: [{ code: 'removes_most_hosts' }] },
    });
    expect(api.rooms.intent.state.value.revision).toBe(4);
    expect((await rollback({ to: 1 }, '?force=true')).body).toMatchObject({ revision: 5, changed: true });
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['a text', { to: '1' }],
    ['a negative number', { to: -1 }],
    ['half a number', { to: 1.5 }],
    ['an unknown member', { to: 1, from: 2 }],
    ['a list', []],
    ['null', null],
  ])('refuses %s', async (_, content) => {
    expect(await rollback(content)).toMatchObject({ status: 422, body: { code: 'HEADGATE_INVALID' } });
  });
});
