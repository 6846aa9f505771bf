import { HealthStage } from '../fleet/health-stage.cases.ts';
import { EventLog } from './event-log.ts';
import { eventTypes } from './event.ts';
import { recordHealth } from './record-health.ts';

describe('events about the word of the fleet', () => {
  let stage: HealthStage;
  let events: EventLog;
  beforeEach(() => {
    stage = new HealthStage();
    stage.backend('web', [1, 2]);
    stage.connect('x', 'y');
    stage.clock.advance(200);
    events = new EventLog({ clock: stage.clock });
    recordHealth(stage.health, events);
  });

  function told(): readonly unknown[] {
    const { text } = events.read(0, new Set(eventTypes), 1_000_000)!;
    return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as unknown);
  }

  it('say what a server has become, and what it was', () => {
    stage.say('x', 'web:1', 'unhealthy');
    stage.clock.advance(200);
    stage.say('y', 'web:1', 'unhealthy');
    stage.clock.advance(200);
    expect(told()).toMatchObject([
      {
        servers: [{ server: 'web/10.0.0.1:1', status: 'disputed', before: { status: 'agreed', verdict: 'healthy' } }],
        totalServers: 1,
      },
      {
        servers: [{ server: 'web/10.0.0.1:1', status: 'agreed', verdict: 'unhealthy', before: { status: 'disputed' } }],
      },
    ]);
  });

  it('are one for an outage of many servers, shortened', () => {
    stage.backend(
      'big',
      Array.from({ length: 80 }, (_, index) => index + 1),
    );
    const deviations = Array.from({ length: 80 }, (_, index) => {
      return { server: `big/10.0.0.1:${index + 1}`, verdict: 'unhealthy' as const, sinceMs: 0, lastError: '' };
    });
    stage.register.health('x', { full: false, deviations, cleared: [] });
    stage.clock.advance(200);
    expect(told()).toMatchObject([{ totalServers: 80 }]);
    expect((told()[0] as { servers: unknown[] }).servers).toHaveLength(50);
  });

  it('are few for a server that flaps', () => {
    for (let time = 0; time < 50; time++) {
      stage.say('x', 'web:1', time % 2 === 0 ? 'unhealthy' : 'healthy');
      stage.clock.advance(1_000);
    }
    expect(told().length).toBeLessThanOrEqual(4);
  });
});
