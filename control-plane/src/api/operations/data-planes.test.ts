import { ManualClock } from '@headgate/shared/manual-clock';
import type { Introduction } from '../../fleet/fleet-member.ts';
import { startApi, until, type ApiFixture } from '../api-fixture.cases.ts';

describe('data planes', () => {
  const clock = new ManualClock(Date.parse('2030-01-01T00:00:00Z'));
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi({ clock });
  });
  afterEach(() => api.close());

  function join(id: string, held: Partial<Introduction> = {}): void {
    const { epoch, version } = api.rooms.newest.value.id;
    api.rooms.register.joined({
      id,
      processUuid: 'p',
      softwareVersion: '1.2.3',
      threads: 2,
      labels: { zone: 'a' },
      held: { epoch, version },
      ...held,
    });
  }

  async function changeSomething(): Promise<number> {
    const { revision } = api.rooms.intent.state.value;
    const got = await api.send('PUT', `/api/v1/backends/b${revision}`, { body: {} });
    return (got.body as { version: number }).version;
  }

  it('are none at first', async () => {
    expect((await api.send('GET', '/api/v1/data-planes')).body).toEqual({ items: [] });
  });

  it('are listed by id with how they stand to the newest version', async () => {
    const { epoch } = api.rooms.newest.value.id;
    join('b');
    join('a');
    const since = new Date(clock.now()).toISOString();
    const live = {
      id: 'a',
      state: 'live',
      version: 1,
      epoch,
      labels: { zone: 'a' },
      softwareVersion: '1.2.3',
      threads: 2,
      connectedSince: since,
      lastSeen: since,
      staleSeconds: 0,
      lag: { versions: 0, seconds: 0 },
      deviations: 0,
    };
    const list = async () => (await api.send('GET', '/api/v1/data-planes')).body as { items: { id: string }[] };
    expect(await list()).toEqual({ items: [live, { ...live, id: 'b' }] });
    await changeSomething();
    api.rooms.register.acked('a', api.rooms.newest.value.id);
    clock.advance(1_500);
    expect(await list()).toMatchObject({
      items: [
        { id: 'a', state: 'live', version: 2, staleSeconds: 0 },
        { id: 'b', state: 'lagging', version: 1, staleSeconds: 1.5, lag: { versions: 1, seconds: 1.5 } },
      ],
    });
    expect((await api.send('GET', '/api/v1/data-planes?limit=1')).body).toMatchObject({
      items: [{ id: 'a' }],
      next: 'a',
    });
  });

  it('tell how far they are behind: versions, and the time since the first that they lack', async () => {
    join('dp');
    await changeSomething();
    clock.advance(2_000);
    await changeSomething();
    clock.advance(1_000);
    const look = async () => (await api.send('GET', '/api/v1/data-planes/dp')).body;
    expect(await look()).toMatchObject({ lag: { versions: 2, seconds: 3 } });
    api.rooms.register.acked('dp', { ...api.rooms.newest.value.id, version: 2 });
    expect(await look()).toMatchObject({ staleSeconds: 3, lag: { versions: 1, seconds: 1 } });
    join('dp', { held: { epoch: 'other', version: 1 } });
    expect(await look()).not.toHaveProperty('lag');
  });

  it('are forgotten when they have gone and somebody says so, and not while they are connected', async () => {
    join('dp');
    const forget = () => api.send('DELETE', '/api/v1/data-planes/dp');
    expect(await forget()).toMatchObject({ status: 409, body: { code: 'HEADGATE_IN_USE' } });
    api.rooms.register.left('dp');
    expect(await forget()).toMatchObject({ status: 204, body: '' });
    expect((await api.send('GET', '/api/v1/data-planes')).body).toEqual({ items: [] });
    expect((await forget()).status).toBe(404);
    const audit = (await api.send('GET', '/api/v1/audit')).body as { items: readonly unknown[] };
    expect(audit.items).toContainEqual(
      expect.objectContaining({ operation: 'forgetDataPlane', outcome: 'written', objects: ['data-plane/dp'] }),
    );
  });

  it('show what they refused, and why', async () => {
    join('dp');
    const { epoch } = api.rooms.newest.value.id;
    const fault = { object: 'host/a.test', field: '/routes/0', code: 'unknown_backend', reason: 'there is no backend' };
    api.rooms.register.nacked('dp', { epoch, version: 2, errors: [fault], totalErrors: 7 });
    const at = new Date(clock.now()).toISOString();
    expect((await api.send('GET', '/api/v1/data-planes/dp')).body).toMatchObject({
      state: 'rejected',
      lastNack: { epoch, version: 2, at, errors: [fault], totalErrors: 7 },
    });
  });

  it('show what an operator must know, and that they are gone', async () => {
    join('dp');
    api.rooms.register.troubled('dp', { code: 'duplicate_id', detail: 'a second process has this id' });
    api.rooms.register.left('dp');
    const { body } = await api.send('GET', '/api/v1/data-planes/dp');
    expect(body).toMatchObject({
      state: 'gone',
      problem: { code: 'duplicate_id', detail: 'a second process has this id' },
    });
    expect(body).not.toHaveProperty('connectedSince');
  });

  it('show the servers that they hold for anything but healthy', async () => {
    join('dp');
    const deviations = [
      {
        server: 'web/10.0.0.1:80',
        verdict: 'unhealthy' as const,
        sinceMs: Date.parse('2029-12-31T23:59:00Z'),
        lastError: 'refused',
      },
      { server: 'web/10.0.0.2:80', verdict: 'unknown' as const, sinceMs: 1e18, lastError: '' },
    ];
    api.rooms.register.health('dp', { full: true, deviations, cleared: [] });
    expect((await api.send('GET', '/api/v1/data-planes/dp')).body).toMatchObject({
      deviations: 2,
      health: [
        { server: 'web/10.0.0.1:80', verdict: 'unhealthy', since: '2029-12-31T23:59:00.000Z', lastError: 'refused' },
        { server: 'web/10.0.0.2:80', verdict: 'unknown', since: '1970-01-01T00:00:00.000Z', lastError: '' },
      ],
    });
  });

  it('are found by ids that need encoding, and not by others', async () => {
    join('rack/1?');
    expect((await api.send('GET', '/api/v1/data-planes/rack%2F1%3F')).body).toMatchObject({ id: 'rack/1?' });
    expect((await api.send('GET', '/api/v1/data-planes/none')).status).toBe(404);
    expect((await api.send('GET', '/api/v1/data-planes/a%20b')).status).toBe(400);
  });

  describe('and versions', () => {
    it('the newest is listed and shown by its number and its name', async () => {
      const version = await changeSomething();
      const { epoch } = api.rooms.newest.value.id;
      const item = { version, epoch, revision: 1 };
      expect((await api.send('GET', '/api/v1/versions')).body).toEqual({ items: [item] });
      expect((await api.send('GET', '/api/v1/versions/newest')).body).toEqual(item);
      expect((await api.send('GET', `/api/v1/versions/${version}`)).body).toEqual(item);
      expect((await api.send('GET', '/api/v1/versions/1')).status).toBe(404);
      expect((await api.send('GET', '/api/v1/versions/3')).status).toBe(404);
    });

    it('nothing converges without a data plane', async () => {
      const { body } = await api.send('GET', '/api/v1/versions/1/convergence');
      expect(body).toEqual({ version: 1, converged: false, dataPlanes: [] });
    });

    it('a version that is not there yet is not found', async () => {
      expect((await api.send('GET', '/api/v1/versions/2/convergence')).status).toBe(404);
    });

    it('a wait ends as soon as everyone serves it', async () => {
      join('a');
      const version = await changeSomething();
      const pending = clock.pending;
      const wait = api.send('GET', `/api/v1/versions/${version}/convergence?wait=10s`);
      await until(() => clock.pending > pending);
      api.rooms.register.acked('a', api.rooms.newest.value.id);
      expect((await wait).body).toMatchObject({
        version,
        converged: true,
        dataPlanes: [{ id: 'a', state: 'live', serves: true }],
      });
    });

    it('a wait ends with its time, with how things stand', async () => {
      join('a');
      const version = await changeSomething();
      const pending = clock.pending;
      const wait = api.send('GET', `/api/v1/versions/newest/convergence?wait=10s`);
      await until(() => clock.pending > pending);
      clock.advance(10_000);
      expect(await wait).toMatchObject({
        status: 200,
        body: { version, converged: false, dataPlanes: [{ state: 'lagging', serves: false }] },
      });
    });

    it('one that has gone blocks, unless it is ignored', async () => {
      join('a');
      join('b');
      api.rooms.register.left('b');
      const ask = async (query: string) => (await api.send('GET', `/api/v1/versions/1/convergence${query}`)).body;
      expect(await ask('')).toMatchObject({ converged: false });
      expect(await ask('?ignore=gone')).toMatchObject({ converged: true });
    });
  });
});
