import { HealthStage } from './health-stage.cases.ts';
import { listServerHealth, type ServerHealthQuestion } from './list-server-health.ts';
import { opinionsAbout, type ServerOpinion } from './server-opinions.ts';

describe('the health of servers, as the fleet sees it', () => {
  let stage: HealthStage;
  beforeEach(() => {
    stage = new HealthStage();
    stage.backend('web', [1, 2, 3]);
    stage.connect('x', 'y');
  });

  function opinions(server = 'web/10.0.0.1:1', most = 20): readonly ServerOpinion[] {
    return opinionsAbout({ server, checked: true, most }, stage).shown;
  }

  it('is what all connected data planes say', () => {
    expect(stage.standing('web:1')).toBe('healthy');
    stage.say('x', 'web:1', 'unhealthy');
    expect(stage.standing('web:1')).toBe('disputed');
    stage.say('y', 'web:1', 'unhealthy');
    expect(stage.standing('web:1')).toBe('unhealthy');
    stage.say('x', 'web:1', 'healthy');
    stage.say('y', 'web:1', 'healthy');
    expect(stage.standing('web:1')).toBe('healthy');
    expect([...stage.health.backends()]).toEqual([]);
  });

  it('names who says what, since when and why, those who deviate first', () => {
    stage.connect('w');
    stage.say('y', 'web:1', 'unhealthy', 'no connection: ECONNREFUSED');
    const { verdicts, shown, more } = opinionsAbout({ server: 'web/10.0.0.1:1', checked: true, most: 2 }, stage);
    expect(verdicts).toEqual({ healthy: 2, unhealthy: 1, ejected: 0, unknown: 0 });
    expect(shown).toEqual([
      {
        dataPlane: 'y',
        verdict: 'unhealthy',
        since: 5,
        lastError: 'no connection: ECONNREFUSED',
        flapping: false,
        staleSince: undefined,
      },
      { dataPlane: 'x', verdict: 'healthy', since: undefined, lastError: '', flapping: false, staleSince: undefined },
    ]);
    expect(more).toBe(1);
  });

  it('knows since when a server is healthy again, as long as that is remembered', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.clock.advance(1_000);
    stage.say('x', 'web:1', 'healthy');
    const since = stage.clock.now();
    stage.clock.advance(10_000);
    expect(opinions()[0]).toMatchObject({ dataPlane: 'x', verdict: 'healthy', since });
    stage.clock.advance(300_000);
    expect(opinions()[0]?.since).toBeUndefined();
  });

  it('is unknown when nobody is connected, and then shows what was said before as stale', () => {
    stage.say('x', 'web:1', 'unhealthy');
    const went = stage.clock.now();
    for (const id of ['x', 'y']) stage.register.left(id);
    expect(stage.standing('web:1')).toBe('unknown');
    expect(opinions()).toMatchObject([
      { dataPlane: 'x', verdict: 'unhealthy', staleSince: went },
      { dataPlane: 'y', verdict: 'healthy', staleSince: went },
    ]);
  });

  it('does not count one that has gone, and forgets it in the end', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.register.left('x');
    expect(stage.standing('web:1')).toBe('healthy');
    expect([...stage.health.statements('web').keys()]).toEqual(['10.0.0.1:1']);
    stage.clock.advance(600_000);
    expect([...stage.health.statements('web').keys()]).toEqual([]);
    expect(opinions()).toHaveLength(1);
  });

  it('does not count one that has not yet sent its full set, or serves nothing', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.say('y', 'web:1', 'unhealthy');
    stage.join('z', stage.history.version);
    expect(stage.standing('web:1')).toBe('unhealthy');
    stage.register.health('z', { full: true, deviations: [], cleared: [] });
    expect(stage.standing('web:1')).toBe('disputed');
    stage.join('new');
    stage.register.health('new', { full: true, deviations: [], cleared: [] });
    expect(stage.health.voices).toBe(3);
    stage.ack('new', stage.history.version);
    expect(stage.health.voices).toBe(4);
  });

  it('begins anew with a data plane that comes back', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.register.left('x');
    stage.connect('x');
    expect(stage.standing('web:1')).toBe('healthy');
    expect([...stage.health.backends()]).toEqual([]);
  });

  it('takes over what a full set says', () => {
    stage.join('z', stage.history.version);
    const deviation = { server: 'web/10.0.0.1:2', verdict: 'unhealthy' as const, sinceMs: 1, lastError: '' };
    stage.register.health('z', { full: true, deviations: [deviation], cleared: [] });
    expect(stage.standing('web:2')).toBe('disputed');
  });

  it('is unknown for servers that nothing finds out about', () => {
    stage.backend('free', [1], {});
    expect(stage.standing('free:1')).toBe('unknown');
    stage.commit({ kind: 'override', name: 'web/10.0.0.1:1', after: { state: 'disabled' } });
    expect(stage.standing('web:1')).toBe('unknown');
    expect(stage.health.counts('web')).toMatchObject({ healthy: 2, unknown: 1 });
    stage.backend('web', []);
  });

  it('says nothing of a server that is no longer configured, whoever still speaks of it', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.commit({ kind: 'server', name: 'web/10.0.0.1:1', before: { address: '10.0.0.1', port: 1 } });
    expect(stage.health.counts('web')).toMatchObject({ healthy: 2, disputed: 0 });
    expect(listed({ all: true })).toEqual(['web/10.0.0.1:2', 'web/10.0.0.1:3']);
  });

  it('follows a check that is taken away', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.backend('web', [], {});
    expect(stage.standing('web:1')).toBe('unhealthy');
    expect(stage.standing('web:2')).toBe('unknown');
    expect(stage.health.counts('web')).toMatchObject({ unhealthy: 1, unknown: 2, healthy: 0 });
  });

  it('counts servers by how they stand', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.say('x', 'web:2', 'ejected');
    stage.say('y', 'web:2', 'ejected');
    expect(stage.health.counts('web')).toEqual({
      ...{ healthy: 1, unhealthy: 0, ejected: 1, disputed: 1, flapping: 0, unknown: 0 },
    });
    expect(stage.health.counts('nobody')).toMatchObject({ healthy: 0, unknown: 0 });
  });

  describe('when a data plane changes its mind again and again', () => {
    function flap(times: number, everyMs: number): void {
      for (let time = 0; time < times; time++) {
        stage.say('x', 'web:1', time % 2 === 0 ? 'unhealthy' : 'healthy');
        stage.clock.advance(everyMs);
      }
    }

    it('is flapping from the fourth change within five minutes on', () => {
      flap(3, 10_000);
      expect(stage.standing('web:1')).toBe('disputed');
      stage.say('x', 'web:1', 'healthy');
      expect(stage.standing('web:1')).toBe('flapping');
      expect(opinions()[0]).toMatchObject({ dataPlane: 'x', flapping: true });
    });

    it('is not when the changes are further apart', () => {
      flap(20, 100_001);
      expect(stage.standing('web:1')).toBe('healthy');
    });

    it('stops when it is quiet for long enough, within five seconds', () => {
      flap(4, 1_000);
      stage.clock.advance(300_000);
      stage.clock.advance(5_000);
      expect(stage.standing('web:1')).toBe('healthy');
      expect([...stage.health.backends()]).toEqual([]);
      expect(stage.clock.pending).toBe(0);
    });

    it('stops with the stream', () => {
      flap(4, 1_000);
      stage.register.left('x');
      expect(stage.standing('web:1')).toBe('healthy');
    });

    it('does not take a full set after a break for a change', () => {
      for (let time = 0; time < 10; time++) {
        stage.register.left('x');
        stage.join('x', stage.history.version);
        const deviation = { server: 'web/10.0.0.1:1', verdict: 'unhealthy' as const, sinceMs: 1, lastError: '' };
        stage.register.health('x', { full: true, deviations: [deviation], cleared: [] });
      }
      expect(stage.standing('web:1')).toBe('disputed');
    });
  });

  it('tells of changes gathered over 200 ms', () => {
    stage.clock.advance(200);
    stage.changes.length = 0;
    stage.say('x', 'web:1', 'unhealthy');
    stage.say('y', 'web:1', 'unhealthy');
    stage.clock.advance(199);
    expect(stage.changes).toEqual([]);
    stage.clock.advance(1);
    expect(stage.changes).toEqual([{ server: 'web/10.0.0.1:1', before: 'healthy', standing: 'unhealthy' }]);
    expect(stage.health.statements('web').get('10.0.0.1:1')?.since).toBe(stage.clock.now());
  });

  it('makes no version', () => {
    const { version } = stage.history;
    stage.say('x', 'web:1', 'unhealthy');
    stage.clock.advance(1_000);
    expect(stage.history.version).toBe(version);
  });

  it('leaves no timer behind when it is closed', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.register.close();
    stage.health.close();
    expect(stage.clock.pending).toBe(0);
  });

  it('passes over what is no server’s name', () => {
    const deviations = ['', 'x', '/y'].map((server) => {
      return { server, verdict: 'unhealthy' as const, sinceMs: 0, lastError: '' };
    });
    stage.register.health('x', { full: true, deviations, cleared: [] });
    expect([...stage.health.backends()]).toEqual([]);
  });

  function listed(question: Partial<ServerHealthQuestion> = {}): readonly string[] {
    const { health, history } = stage;
    const backends = [...history.intent.backends.keys()].sort();
    const asked = { backends, status: undefined, all: false, after: undefined, ...question };
    const found = listServerHealth(asked, { intent: history.intent, health });
    return [...found].map(({ backend, endpoint }) => `${backend}/${endpoint}`);
  }

  describe('listed', () => {
    beforeEach(() => {
      stage.backend('api', [1, 2]);
      stage.backend('free', [1], {});
      stage.say('x', 'web:3', 'unhealthy');
      stage.say('x', 'web:1', 'unhealthy');
      stage.say('y', 'web:1', 'unhealthy');
      stage.say('x', 'api:2', 'unhealthy');
    });

    it('shows the servers that somebody does not hold for healthy, in order', () => {
      expect(listed()).toEqual(['api/10.0.0.1:2', 'web/10.0.0.1:1', 'web/10.0.0.1:3']);
    });

    it('shows every server when that is asked for', () => {
      expect(listed({ all: true })).toHaveLength(6);
    });

    it('can be narrowed to a status', () => {
      expect(listed({ status: 'disputed' })).toEqual(['api/10.0.0.1:2', 'web/10.0.0.1:3']);
      expect(listed({ status: 'disputed', all: true })).toEqual(['api/10.0.0.1:2', 'web/10.0.0.1:3']);
      expect(listed({ status: 'agreed' })).toEqual(['web/10.0.0.1:1']);
      expect(listed({ status: 'agreed', all: true })).toEqual(['api/10.0.0.1:1', 'web/10.0.0.1:1', 'web/10.0.0.1:2']);
      expect(listed({ status: 'unknown', all: true })).toEqual(['free/10.0.0.1:1']);
    });

    it('goes on after a server, which need not be there any more', () => {
      expect(listed({ after: { backend: 'web', endpoint: '10.0.0.1:1' } })).toEqual(['web/10.0.0.1:3']);
      expect(listed({ after: { backend: 'axx', endpoint: '1' } })).toEqual(['web/10.0.0.1:1', 'web/10.0.0.1:3']);
    });
  });
});
