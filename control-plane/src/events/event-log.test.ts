import { ManualClock } from '@headgate/shared/manual-clock';
import { EventLog } from './event-log.ts';
import { eventTypes, type EventType } from './event.ts';

const all = new Set<EventType>(eventTypes);

describe('the log of events', () => {
  const clock = new ManualClock(Date.parse('2030-01-01T00:00:00Z'));
  let log: EventLog;
  beforeEach(() => {
    log = new EventLog({ clock, epoch: 'e', limits: { events: 4 } });
  });

  function record(count: number): void {
    for (let index = 0; index < count; index++) log.record('ack', { version: log.newest + 1 });
  }

  it('puts an event into the words of server-sent events', () => {
    log.record('nack', { dataPlane: 'a', errors: ['two\nlines'] });
    const data = { at: '2030-01-01T00:00:00.000Z', dataPlane: 'a', errors: ['two\nlines'] };
    expect(log.read(0, all, 1_000)).toEqual({
      text: `id: e:1\nevent: nack\ndata: ${JSON.stringify(data)}\n\n`,
      after: 1,
    });
  });

  it('reads the types that are wanted, and comes on past the others', () => {
    log.record('ack', {});
    log.record('join', {});
    log.record('ack', {});
    const { text = '', after } = log.read(0, new Set<EventType>(['join']), 1_000) ?? {};
    expect([text.match(/^event: \w+$/gm), after]).toEqual([['event: join'], 3]);
  });

  it('reads about so much at once, and goes on from there', () => {
    record(3);
    const first = log.read(0, all, 1)!;
    expect(first.after).toBe(1);
    expect(log.read(first.after, all, 1_000)).toMatchObject({ after: 3 });
    expect(log.read(3, all, 1_000)).toEqual({ text: '', after: 3 });
  });

  it('says when events were dropped unread', () => {
    record(6);
    expect(log.read(1, all, 1_000)).toBeUndefined();
    expect(log.read(2, all, 1_000)).toMatchObject({ after: 6 });
  });

  it('begins with what comes next, or after the event that was seen last', () => {
    record(3);
    expect(log.positionAfter(undefined)).toEqual({ after: 3 });
    expect(log.positionAfter('')).toEqual({ after: 3 });
    expect(log.positionAfter(log.idOf(2))).toEqual({ after: 2 });
    expect(log.positionAfter(log.idOf(3))).toEqual({ after: 3 });
  });

  it('tells of a gap where events are lost', () => {
    record(7);
    expect(log.positionAfter('e:3')).toEqual({ after: 3 });
    expect(log.positionAfter('e:2')).toEqual({ after: 3, gap: 'forgotten' });
    for (const id of ['other:2', 'e:8', 'e:', 'nonsense', 'e:-1'])
      expect(log.positionAfter(id)).toEqual({ after: 3, gap: 'restarted' });
  });

  it('has an epoch of its own unless it is told one', () => {
    expect(new EventLog({ clock }).epoch).not.toBe(new EventLog({ clock }).epoch);
  });

  it('counts by type, and calls back at every event', () => {
    let calls = 0;
    const stop = log.onRecord(() => calls++);
    record(2);
    stop();
    log.record('join', {});
    expect([calls, Object.fromEntries(log.counts)]).toEqual([2, { ack: 2, join: 1 }]);
  });
});
