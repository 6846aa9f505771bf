import { TestFleet } from '../fleet/fleet.cases.ts';
import type { Commit } from '../store/store.ts';
import { EventLog } from './event-log.ts';
import { eventTypes, type EventType } from './event.ts';
import { recordFleet } from './record-fleet.ts';
import { recordRevisions } from './record-revisions.ts';
import { recordVersions } from './record-versions.ts';

interface Told {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

describe('what becomes an event', () => {
  let fleet: TestFleet;
  let events: EventLog;
  beforeEach(() => {
    fleet = new TestFleet();
    events = new EventLog({ clock: fleet.clock });
    recordVersions(fleet.history.log.latest, events);
    recordFleet(fleet.register, events);
  });

  /** Since the last call. */
  let seen = 0;
  beforeEach(() => (seen = 0));
  function told(): readonly Told[] {
    const { text, after } = events.read(seen, new Set<EventType>(eventTypes), Infinity)!;
    seen = after;
    return [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, type = '', json = '']) => {
      const { at, ...data } = JSON.parse(json) as Record<string, unknown>;
      expect(at).toBe(new Date(fleet.clock.now()).toISOString());
      return { type, data };
    });
  }

  it('a version that is published, and not the one that is there already', () => {
    fleet.history.putBackend('a');
    expect(told()).toEqual([{ type: 'version', data: { epoch: 'epoch-1', version: 2, objects: 1 } }]);
  });

  it('a data plane that comes, acknowledges, goes and is forgotten', () => {
    fleet.join('x', 0, { labels: { zone: 'a' } });
    fleet.ack('x', 1);
    fleet.register.left('x');
    expect(told()).toEqual([
      {
        type: 'join',
        data: { dataPlane: 'x', epoch: '', version: 0, labels: { zone: 'a' }, softwareVersion: '1', threads: 1 },
      },
      { type: 'ack', data: { dataPlane: 'x', epoch: 'epoch-1', version: 1 } },
      { type: 'leave', data: { dataPlane: 'x', epoch: 'epoch-1', version: 1 } },
    ]);
    fleet.clock.advance(600_000);
    expect(told()).toEqual([{ type: 'forget', data: { dataPlane: 'x' } }]);
  });

  it('a refusal with its first reasons', () => {
    fleet.join('x');
    const errors = Array.from({ length: 30 }, (_, index) => {
      return { object: `backend/b${index}`, field: '', code: 'c', reason: 'r' };
    });
    told();
    fleet.register.nacked('x', { epoch: 'epoch-1', version: 2, errors, totalErrors: 30 });
    expect(told()).toEqual([
      {
        type: 'nack',
        data: { dataPlane: 'x', epoch: 'epoch-1', version: 2, errors: errors.slice(0, 10), totalErrors: 30 },
      },
    ]);
  });

  it('verdicts that change, and those alone', () => {
    fleet.join('x');
    told();
    const deviation = (server: string, verdict: 'unhealthy' | 'unknown', lastError = '') => {
      return { server, verdict, sinceMs: 0, lastError };
    };
    const report = (full: boolean, deviations: readonly ReturnType<typeof deviation>[], cleared: string[] = []) =>
      fleet.register.health('x', { full, deviations, cleared });
    report(true, [deviation('web/a:1', 'unhealthy', 'refused'), deviation('web/b:1', 'unknown')]);
    expect(told()).toEqual([
      {
        type: 'health',
        data: {
          dataPlane: 'x',
          servers: [
            { server: 'web/a:1', verdict: 'unhealthy', lastError: 'refused' },
            { server: 'web/b:1', verdict: 'unknown', lastError: '' },
          ],
          totalServers: 2,
        },
      },
    ]);
    report(true, [deviation('web/a:1', 'unhealthy', 'timeout'), deviation('web/b:1', 'unknown')]);
    expect(told()).toEqual([]);
    report(false, [deviation('web/b:1', 'unhealthy', 'reset')], ['web/a:1', 'web/other:1']);
    expect(told()[0]?.data).toMatchObject({
      servers: [
        { server: 'web/a:1', verdict: 'healthy', lastError: '' },
        { server: 'web/b:1', verdict: 'unhealthy', lastError: 'reset' },
      ],
      totalServers: 2,
    });
    report(true, []);
    expect(told()[0]?.data).toMatchObject({ servers: [{ server: 'web/b:1', verdict: 'healthy' }] });
  });

  it('an outage of many servers, shortened', () => {
    fleet.join('x');
    told();
    const deviations = Array.from({ length: 200 }, (_, index) => {
      return { server: `web/s${index}:1`, verdict: 'unhealthy' as const, sinceMs: 0, lastError: '' };
    });
    fleet.register.health('x', { full: false, deviations, cleared: [] });
    const [event] = told();
    expect(event?.data['totalServers']).toBe(200);
    expect(event?.data['servers']).toHaveLength(50);
  });

  it('something that an operator must know', () => {
    fleet.join('x');
    told();
    fleet.register.troubled('x', { code: 'duplicate_id', detail: 'two of them', stranded: true });
    expect(told()).toEqual([
      { type: 'problem', data: { dataPlane: 'x', code: 'duplicate_id', detail: 'two of them' } },
    ]);
  });

  it('a revision with its author and the first names of what it changed', () => {
    let commit: (commit: Commit) => void = () => undefined;
    recordRevisions(
      {
        onCommit: (listener) => {
          commit = (made) => listener(made, fleet.history.intent);
          return () => undefined;
        },
      },
      events,
    );
    const objects = Array.from({ length: 25 }, (_, index) => ({ kind: 'backend' as const, name: `b${index}` }));
    commit({ revision: 7, version: 9, at: 0, author: 'ann', message: 'why', objects });
    expect(told()).toEqual([
      {
        type: 'revision',
        data: {
          revision: 7,
          version: 9,
          author: 'ann',
          message: 'why',
          objects: objects.slice(0, 20).map(({ name }) => `backend/${name}`),
          changes: 25,
        },
      },
    ]);
  });
});
