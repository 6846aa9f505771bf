import { ManualClock } from '@headgate/shared/manual-clock';
import type { DeviationVerdict } from '../../fleet/fleet-state.ts';
import { startApi, type ApiFixture } from '../api-fixture.cases.ts';

describe('the health of servers', () => {
  const clock = new ManualClock(Date.parse('2030-01-01T00:00:00Z'));
  let api: ApiFixture;
  beforeEach(async () => {
    api = await startApi({ clock });
    const servers = [11, 12, 13].map((last) => ({ address: `10.0.0.${last}`, port: 8080 }));
    const web = { name: 'web', servers, healthCheck: { type: 'tcp' } };
    const free = { name: 'free', servers: servers.slice(0, 1) };
    await api.send('PUT', '/api/v1/config', { body: { backends: [web, free], hosts: [] } });
    for (const id of ['x', 'y']) join(id);
  });
  afterEach(() => api.close());

  function join(id: string): void {
    const held = api.rooms.newest.value.id;
    api.rooms.register.joined({ id, processUuid: 'p', softwareVersion: '1', threads: 1, labels: {}, held });
    api.rooms.register.health(id, { full: true, deviations: [], cleared: [] });
  }

  function say(id: string, last: number, verdict: DeviationVerdict = 'unhealthy'): void {
    const server = `web/10.0.0.${last}:8080`;
    const deviation = { server, verdict, sinceMs: Date.parse('2029-12-31T00:00:00Z'), lastError: 'status 503' };
    api.rooms.register.health(id, { full: false, deviations: [deviation], cleared: [] });
  }

  async function get(path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const { status, body } = await api.send('GET', path);
    return { status, body: body as Record<string, unknown> };
  }

  it('is nothing to list when all are healthy, and counted', async () => {
    expect((await get('/api/v1/health')).body).toEqual({
      counts: { servers: 4, healthy: 3, unhealthy: 0, ejected: 0, disputed: 0, flapping: 0, unknown: 1 },
      items: [],
    });
  });

  it('is disputed, and says by whom, since when and why', async () => {
    clock.advance(1_000);
    say('y', 12);
    const { body } = await get('/api/v1/health');
    expect(body).toMatchObject({ counts: { healthy: 2, disputed: 1 } });
    expect(body['items']).toEqual([
      {
        backend: 'web',
        server: '10.0.0.12:8080',
        state: 'active',
        checked: true,
        status: 'disputed',
        since: new Date(clock.now()).toISOString(),
        inFlight: 0,
        verdicts: { healthy: 1, unhealthy: 1, ejected: 0, unknown: 0 },
        dataPlanes: [
          {
            dataPlane: 'y',
            verdict: 'unhealthy',
            since: '2029-12-31T00:00:00.000Z',
            lastError: 'status 503',
            flapping: false,
            stale: false,
          },
          { dataPlane: 'x', verdict: 'healthy', lastError: '', flapping: false, stale: false },
        ],
        moreDataPlanes: 0,
      },
    ]);
    const one = await get('/api/v1/backends/web/servers/10.0.0.12:8080/health');
    expect(one.body).toEqual((body['items'] as unknown[])[0]);
  });

  it('is agreed on when all say the same', async () => {
    say('x', 12, 'ejected');
    say('y', 12, 'ejected');
    const { body } = await get('/api/v1/backends/web/servers/10.0.0.12:8080/health');
    expect(body).toMatchObject({ status: 'agreed', verdict: 'ejected' });
    expect((await get('/api/v1/backends/web/servers/10.0.0.11:8080/health')).body).toMatchObject({
      status: 'agreed',
      verdict: 'healthy',
    });
    expect((await get('/api/v1/backends/free/servers/10.0.0.11:8080/health')).body).toMatchObject({
      status: 'unknown',
      checked: false,
    });
  });

  it('shows what was said by one that has gone as stale', async () => {
    say('y', 12);
    clock.advance(1_000);
    api.rooms.register.left('y');
    const { body } = await get('/api/v1/backends/web/servers/10.0.0.12:8080/health');
    expect(body).toMatchObject({ status: 'agreed', verdict: 'healthy', verdicts: { healthy: 1, unhealthy: 0 } });
    expect(body['dataPlanes']).toMatchObject([
      { dataPlane: 'x', stale: false },
      { dataPlane: 'y', verdict: 'unhealthy', stale: true, staleSince: new Date(clock.now()).toISOString() },
    ]);
  });

  it('is listed page by page, and narrowed', async () => {
    for (const last of [11, 12, 13]) say('x', last);
    say('y', 13);
    const first = (await get('/api/v1/health?limit=2')).body;
    expect(first['items']).toHaveLength(2);
    const next = String(first['next']);
    expect(next).toBe('web/10.0.0.12:8080');
    const second = (await get(`/api/v1/health?limit=2&after=${encodeURIComponent(next)}`)).body;
    expect(second['items']).toMatchObject([{ server: '10.0.0.13:8080', status: 'agreed', verdict: 'unhealthy' }]);
    expect(second['next']).toBeUndefined();
    expect((await get('/api/v1/health?status=disputed')).body['items']).toHaveLength(2);
    expect((await get('/api/v1/health?backend=free')).body).toMatchObject({ counts: { servers: 1 }, items: [] });
    expect((await get('/api/v1/health?backend=free&all=true')).body['items']).toHaveLength(1);
    expect((await get('/api/v1/health?all=true')).body['items']).toHaveLength(4);
  });

  it('is counted by backend, troubled ones alone unless all are asked for', async () => {
    say('x', 11);
    expect((await get('/api/v1/health/backends')).body).toMatchObject({
      items: [{ backend: 'web', counts: { servers: 3, disputed: 1, healthy: 2 } }],
    });
    expect((await get('/api/v1/health/backends?all=true')).body).toMatchObject({
      items: [{ backend: 'free', counts: { unknown: 1 } }, { backend: 'web' }],
    });
  });

  it('comes with what connected data planes have in flight there', async () => {
    const server = 'web/10.0.0.12:8080';
    const path = '/api/v1/backends/web/servers/10.0.0.12:8080/health';
    api.rooms.load.report('x', { full: true, loads: [{ server, inFlight: 3 }] });
    api.rooms.load.report('y', { full: true, loads: [{ server, inFlight: 4 }] });
    expect((await get(path)).body).toMatchObject({ inFlight: 7 });
    api.rooms.register.left('x');
    expect((await get(path)).body).toMatchObject({ inFlight: 4 });
    const { body } = await get('/api/v1/health?backend=web&all=true');
    expect(body['items']).toMatchObject([{ inFlight: 0 }, { inFlight: 4 }, { inFlight: 0 }]);
  });

  it('follows a server that is disabled', async () => {
    const path = '/api/v1/backends/web/servers/10.0.0.11:8080';
    await api.send('PATCH', path, { body: { state: 'disabled' } });
    expect((await get(`${path}/health`)).body).toMatchObject({ status: 'unknown', checked: false, state: 'disabled' });
    expect((await get('/api/v1/health')).body).toMatchObject({ counts: { healthy: 2, unknown: 2 } });
  });

  it.each([
    ['/api/v1/health?backend=nobody', 404],
    ['/api/v1/health?status=fine', 400],
    ['/api/v1/health?after=x', 400],
    ['/api/v1/health?all=yes', 400],
    ['/api/v1/backends/nobody/servers/10.0.0.11:8080/health', 404],
    ['/api/v1/backends/web/servers/10.0.0.99:8080/health', 404],
  ])('is refused at %s with %i', async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  it('makes no version', async () => {
    const { version } = api.rooms.newest.value.id;
    say('x', 11);
    clock.advance(1_000);
    expect(api.rooms.newest.value.id.version).toBe(version);
  });
});
