import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManualClock } from '@headgate/shared/manual-clock';
import { EventLog } from './event-log.ts';
import { EventStream, type StreamEnd } from './event-stream.ts';
import { eventTypes, type EventType } from './event.ts';

describe('a stream of events', () => {
  let clock: ManualClock;
  let log: EventLog;
  let out: PassThrough;
  let abort: AbortController;
  beforeEach(() => {
    clock = new ManualClock();
    log = new EventLog({ clock, epoch: 'e', limits: { events: 100 } });
    out = new PassThrough({ highWaterMark: 300 });
    abort = new AbortController();
  });

  function run(lastEventId?: string, types: readonly EventType[] = eventTypes): Promise<StreamEnd> {
    const { signal } = abort;
    return new EventStream({ out, log, clock, signal, lastEventId, types: new Set(types), heartbeatMs: 15_000 }).run();
  }

  /** What has come, and would be taken now. */
  async function taken(): Promise<string> {
    let text = '';
    for (let turn = 0; turn < 20; turn++) {
      text += ((out.read() as Buffer | null) ?? '').toString();
      await nextTurn();
    }
    return text;
  }

  function numbersOf(text: string): readonly number[] {
    return [...text.matchAll(/^id: e:(\d+)\nevent: \w+$/gm)].map(([, digits]) => Number(digits));
  }

  it('says where it begins, so that a client that hears nothing can come back', async () => {
    log.record('ack', {});
    void run();
    expect(await taken()).toBe('retry: 1000\n:\nid: e:1\n\n');
  });

  it('tells what happens from then on, in order', async () => {
    log.record('ack', {});
    void run();
    for (let index = 0; index < 3; index++) log.record('ack', {});
    expect(numbersOf(await taken())).toEqual([2, 3, 4]);
  });

  it('tells all that was missed since the last event that was seen, to one who takes it slowly too', async () => {
    for (let index = 0; index < 60; index++) log.record('ack', { filler: 'x'.repeat(100) });
    void run('e:5');
    expect(numbersOf(await taken())).toEqual(Array.from({ length: 55 }, (_, index) => 6 + index));
  });

  it('tells first that something was lost', async () => {
    for (let index = 0; index < 103; index++) log.record('ack', {});
    void run('e:1');
    const text = await taken();
    expect(text).toMatch(/^retry: 1000\nid: e:3\nevent: gap\ndata: \{"at":"[^"]+","reason":"forgotten"\}\n\nid: e:4\n/);
    expect(numbersOf(text)).toHaveLength(101);
  });

  it('sends a heartbeat with its place, past what is not wanted', async () => {
    void run(undefined, ['join']);
    await taken();
    log.record('ack', {});
    expect(await taken()).toBe('');
    clock.advance(15_000);
    expect(await taken()).toBe(':\nid: e:1\n\n');
  });

  it('ends with its signal, and leaves nothing behind', async () => {
    const end = run();
    abort.abort();
    expect(await end).toBe('ended');
    expect([clock.pending, out.destroyed, out.listenerCount('drain')]).toEqual([0, false, 0]);
    log.record('ack', {});
    expect(numbersOf(await taken())).toEqual([]);
  });

  it('ends when the listener has gone', async () => {
    const end = run();
    out.destroy();
    expect(await end).toBe('ended');
    expect(clock.pending).toBe(0);
  });

  it('holds no more than a piece for one who takes nothing, and cuts it off after four heartbeats', async () => {
    const end = run();
    log.record('ack', { filler: 'x'.repeat(300) });
    await nextTurn();
    const held = out.writableLength + out.readableLength;
    for (let index = 0; index < 50; index++) log.record('ack', { filler: 'x'.repeat(300) });
    await nextTurn();
    clock.advance(45_000);
    expect(out.writableLength + out.readableLength).toBe(held);
    expect(out.destroyed).toBe(false);
    clock.advance(15_000);
    expect(await end).toBe('too_slow');
    expect(out.destroyed).toBe(true);
  });

  it('goes on with one who takes something now and then', async () => {
    const end = run();
    for (let round = 0; round < 5; round++) {
      log.record('ack', { filler: 'x'.repeat(600) });
      await nextTurn();
      clock.advance(45_000);
      expect(numbersOf(await taken())).toEqual([round + 1]);
    }
    abort.abort();
    expect(await end).toBe('ended');
  });

  it('cuts off one who is left behind by the log', async () => {
    const end = run();
    log.record('ack', { filler: 'x'.repeat(600) });
    await nextTurn();
    for (let index = 0; index < 101; index++) log.record('ack', {});
    await taken();
    expect(await end).toBe('too_slow');
  });
});
