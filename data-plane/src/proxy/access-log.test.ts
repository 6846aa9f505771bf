import { ManualClock } from '@headgate/shared/manual-clock';
import { AccessLog, type LineSink } from './access-log.ts';
import type { AccessEntry } from './access-entry.ts';

class Sink implements LineSink {
  text = '';
  takes = true;
  drained: (() => void) | undefined;

  write(text: string): boolean {
    this.text += text;
    return this.takes;
  }

  once(_event: 'drain', listener: () => void): void {
    this.drained = listener;
  }

  get lines(): number {
    return this.text.split('\n').length - 1;
  }
}

function setUp(): { sink: Sink; clock: ManualClock; log: AccessLog } {
  const [sink, clock] = [new Sink(), new ManualClock()];
  return { sink, clock, log: new AccessLog({ sink, clock }) };
}

function entry(path = '/'): AccessEntry {
  return {
    startedAtMs: 0,
    requestId: 'r',
    epoch: 'e',
    version: 1,
    client: 'c',
    method: 'GET',
    host: 'h',
    path,
    backend: 'b',
    server: 's',
    status: 200,
    reason: '',
    outcome: { kind: 'complete' },
    receivedBytes: 0,
    sentBytes: 0,
    durationMs: 0,
    attempts: 1,
  };
}

describe('AccessLog', () => {
  it('writes what has come together every half second', () => {
    const { sink, clock, log } = setUp();
    log.write(entry());
    log.write(entry());
    expect(sink.lines).toBe(0);
    clock.advance(500);
    expect(sink.lines).toBe(2);
  });

  it('writes a full block at once', () => {
    const { sink, log } = setUp();
    for (let index = 0; index < 200; index++) log.write(entry());
    expect(sink.lines).toBeGreaterThan(100);
  });

  it('writes the rest at the end, and stops its timer', () => {
    const { sink, clock, log } = setUp();
    log.write(entry());
    log.close();
    expect([sink.lines, clock.pending]).toEqual([1, 0]);
  });

  it('waits for a slow sink, and drops lines and counts them when that takes too long', () => {
    const { sink, clock, log } = setUp();
    sink.takes = false;
    log.write(entry());
    clock.advance(500);
    for (let index = 0; index < 4_000; index++) log.write(entry(`/${'a'.repeat(2_000)}`));
    clock.advance(500);
    expect(sink.lines).toBe(1);
    expect(log.dropped).toBeGreaterThan(0);
    sink.takes = true;
    sink.drained?.();
    expect(sink.lines).toBe(1 + 4_000 - log.dropped);
  });
});
