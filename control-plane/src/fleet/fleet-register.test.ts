import { TestFleet } from './fleet.cases.ts';
import type { Fleet, ReportedDeviation } from './fleet-state.ts';

const MINUTE_MS = 60_000;

function deviation(server: string): ReportedDeviation {
  return { server, verdict: 'unhealthy', sinceMs: 1, lastError: 'refused' };
}

describe('the fleet register', () => {
  it('knows a data plane from its hello on', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1, { labels: { zone: 'a' } });
    expect(fleet.record('dp')).toMatchObject({
      id: 'dp',
      connected: true,
      epoch: 'epoch-1',
      version: 1,
      labels: { zone: 'a' },
      connectedSince: fleet.clock.now(),
      lastSeen: fleet.clock.now(),
    });
  });

  it('calls it live at the newest version, lagging below, and gone when it has left', () => {
    const fleet = new TestFleet();
    fleet.join('dp');
    expect(fleet.state('dp')).toBe('lagging');
    fleet.ack('dp', 1);
    expect(fleet.state('dp')).toBe('live');
    fleet.history.putBackend('a');
    expect(fleet.state('dp')).toBe('lagging');
    fleet.register.left('dp');
    expect(fleet.state('dp')).toBe('gone');
  });

  it('says since when a data plane is behind', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    expect(fleet.record('dp').behindSince).toBeUndefined();
    fleet.clock.advance(1_000);
    fleet.history.putBackend('a');
    const since = fleet.clock.now();
    fleet.clock.advance(1_000);
    fleet.history.putBackend('b');
    expect(fleet.record('dp').behindSince).toBe(since);
    fleet.ack('dp', 2);
    expect(fleet.record('dp').behindSince).toBe(since);
    fleet.ack('dp', 3);
    expect(fleet.record('dp').behindSince).toBeUndefined();
  });

  it('shows a refusal until something is acknowledged, and its reasons after that', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    const { version } = fleet.history.putBackend('a').id;
    const errors = [{ object: 'backend/a', field: '', code: 'bad', reason: 'is bad' }];
    fleet.register.nacked('dp', { epoch: 'epoch-1', version, errors, totalErrors: 1 });
    expect(fleet.state('dp')).toBe('rejected');
    expect(fleet.record('dp')).toMatchObject({ version: 1, lastNack: { version, errors, at: fleet.clock.now() } });
    fleet.ack('dp', fleet.history.putBackend('b').id.version);
    expect(fleet.state('dp')).toBe('live');
    expect(fleet.record('dp').lastNack).toMatchObject({ version });
  });

  it('keeps a hundred reasons and the number of all', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    const errors = Array.from({ length: 150 }, (_, n) => ({ object: `host/${n}`, field: '', code: 'c', reason: 'r' }));
    fleet.register.nacked('dp', { epoch: 'epoch-1', version: 2, errors, totalErrors: 0 });
    expect(fleet.record('dp').lastNack).toMatchObject({ totalErrors: 150 });
    expect(fleet.record('dp').lastNack?.errors).toHaveLength(100);
  });

  it('counts a data plane that cannot follow as rejected while that lasts', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    fleet.register.troubled('dp', { code: 'version_ahead', detail: 'why', stranded: true });
    expect(fleet.state('dp')).toBe('rejected');
    expect(fleet.record('dp').problem).toEqual({ code: 'version_ahead', detail: 'why' });
    fleet.register.solved('dp', 'version_ahead');
    expect(fleet.state('dp')).toBe('live');
    expect(fleet.record('dp').problem).toBeUndefined();
  });

  it('shows a problem that does not keep it from following, and the one before when that is solved', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    fleet.register.troubled('dp', { code: 'first', detail: '1' });
    fleet.register.troubled('dp', { code: 'second', detail: '2' });
    expect(fleet.record('dp').problem?.code).toBe('second');
    expect(fleet.state('dp')).toBe('live');
    fleet.register.solved('dp', 'second');
    expect(fleet.record('dp').problem?.code).toBe('first');
  });

  it('keeps the set of deviations as reports change it', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    fleet.register.health('dp', { full: true, deviations: [deviation('a/1:1'), deviation('b/1:1')], cleared: [] });
    const before = fleet.record('dp');
    fleet.register.health('dp', { full: false, deviations: [deviation('c/1:1')], cleared: ['a/1:1'] });
    expect(fleet.record('dp').health.map(({ server }) => server)).toEqual(['b/1:1', 'c/1:1']);
    expect(before.health.map(({ server }) => server)).toEqual(['a/1:1', 'b/1:1']);
    fleet.register.health('dp', { full: true, deviations: [], cleared: [] });
    expect(fleet.record('dp').health).toEqual([]);
  });

  it('drops deviations beyond its limit and says so', () => {
    const fleet = new TestFleet({ deviations: 2 });
    fleet.join('dp', 1);
    const deviations = ['a', 'b', 'c'].map((name) => deviation(`${name}/1:1`));
    fleet.register.health('dp', { full: true, deviations, cleared: [] });
    expect(fleet.record('dp').health).toHaveLength(2);
    expect(fleet.record('dp').problem?.code).toBe('too_many_deviations');
    fleet.register.health('dp', { full: true, deviations: deviations.slice(0, 1), cleared: [] });
    expect(fleet.record('dp').problem).toBeUndefined();
  });

  it('drops deviations beyond what all data planes may have together, and has room again when one is forgotten', () => {
    const fleet = new TestFleet({ totalDeviations: 3 });
    const deviations = ['a', 'b'].map((name) => deviation(`${name}/1:1`));
    for (const id of ['x', 'y']) {
      fleet.join(id, 1);
      fleet.register.health(id, { full: true, deviations, cleared: [] });
    }
    expect(fleet.record('y').health).toHaveLength(1);
    expect(fleet.record('y').problem?.code).toBe('too_many_deviations');
    fleet.register.left('x');
    fleet.register.forget('x');
    fleet.register.health('y', { full: true, deviations, cleared: [] });
    expect(fleet.record('y').health).toHaveLength(2);
    expect(fleet.record('y').problem).toBeUndefined();
    fleet.join('y', 1);
    fleet.register.health('y', { full: true, deviations: [...deviations, deviation('c/1:1')], cleared: [] });
    expect(fleet.record('y').health).toHaveLength(3);
  });

  it('forgets what the last stream said of health and problems when a new one begins', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    fleet.register.health('dp', { full: true, deviations: [deviation('a/1:1')], cleared: [] });
    fleet.register.troubled('dp', { code: 'p', detail: 'd', stranded: true });
    fleet.register.left('dp');
    expect(fleet.record('dp').health).toHaveLength(1);
    fleet.join('dp', 1);
    expect(fleet.record('dp')).toMatchObject({ health: [], rejected: false, problem: undefined });
  });

  it('remembers for ten minutes who has gone', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    fleet.register.left('dp');
    fleet.clock.advance(10 * MINUTE_MS - 1);
    expect(fleet.state('dp')).toBe('gone');
    fleet.clock.advance(1);
    expect(fleet.register.fleet.value.size).toBe(0);
  });

  it('does not forget who came back', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    fleet.register.left('dp');
    fleet.clock.advance(9 * MINUTE_MS);
    fleet.join('dp', 1);
    expect(fleet.clock.pending).toBe(0);
    fleet.register.left('dp');
    fleet.clock.advance(9 * MINUTE_MS);
    expect(fleet.state('dp')).toBe('gone');
    fleet.clock.advance(MINUTE_MS);
    expect(fleet.register.fleet.value.size).toBe(0);
  });

  it('forgets who is gone longest when too many are', () => {
    const fleet = new TestFleet({ gone: 2 });
    for (const id of ['a', 'b', 'c']) fleet.join(id, 1);
    for (const id of ['b', 'a', 'c']) fleet.register.left(id);
    expect([...fleet.register.fleet.value.keys()]).toEqual(['a', 'c']);
  });

  it('replaces the map and leaves the one that was read as it was', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    const before = fleet.register.fleet.value;
    expect(fleet.register.fleet.value).toBe(before);
    fleet.join('other', 1);
    expect(before.size).toBe(1);
    expect(fleet.register.fleet.value.size).toBe(2);
  });

  it('tells subscribers once of all that happens in one turn', async () => {
    const fleet = new TestFleet();
    const seen: Fleet[] = [];
    fleet.register.fleet.subscribe((value) => seen.push(value));
    for (const id of ['a', 'b', 'c']) fleet.join(id, 1);
    expect(seen).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.map(({ size }) => size)).toEqual([0, 3]);
  });

  it('tells watchers of every event at once', () => {
    const fleet = new TestFleet();
    const seen: string[] = [];
    const stop = fleet.register.watch((id) => seen.push(id));
    fleet.join('a');
    fleet.ack('a', 1);
    fleet.register.left('a');
    stop();
    fleet.join('b');
    expect(seen).toEqual(['a', 'a', 'a']);
  });

  it('notes when it was last heard of', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    fleet.clock.advance(500);
    fleet.register.heard('dp');
    expect(fleet.record('dp').lastSeen).toBe(fleet.clock.now());
  });

  it('leaves no timer behind when it is closed', () => {
    const fleet = new TestFleet();
    fleet.join('dp', 1);
    fleet.register.left('dp');
    fleet.register.close();
    expect(fleet.clock.pending).toBe(0);
  });
});
