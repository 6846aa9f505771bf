import { ManualClock } from './manual-clock.ts';

describe('ManualClock', () => {
  it('stands still until it is advanced', () => {
    const clock = new ManualClock(1_000);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
    clock.advance(250);
    expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250]);
  });

  it('calls what falls due in order of time, each at its own time', () => {
    const clock = new ManualClock();
    const calls: [string, number][] = [];
    for (const [name, delay] of [
      ['late', 30],
      ['early', 10],
      ['middle', 20],
    ] as const) {
      clock.after(delay, () => calls.push([name, clock.monotonic()]));
    }
    clock.advance(25);
    expect(calls).toEqual([
      ['early', 10],
      ['middle', 20],
    ]);
    expect(clock.pending).toBe(1);
  });

  it('calls timers of the same time in the order in which they were set', () => {
    const clock = new ManualClock();
    const calls: number[] = [];
    for (const number of [1, 2, 3]) clock.after(10, () => calls.push(number));
    clock.advance(10);
    expect(calls).toEqual([1, 2, 3]);
  });

  it('calls timers that were set by a timer within the same advance', () => {
    const clock = new ManualClock();
    const calls: number[] = [];
    clock.after(10, () => clock.after(10, () => calls.push(clock.monotonic())));
    clock.advance(20);
    expect(calls).toEqual([20]);
  });

  it('forgets a cancelled timer', () => {
    const clock = new ManualClock();
    const cancel = clock.after(10, () => {
      throw new Error('cancelled');
    });
    cancel();
    clock.advance(100);
    expect(clock.pending).toBe(0);
  });

  it('jumps by the wall without moving what only grows', () => {
    const clock = new ManualClock(1_000);
    const calls: string[] = [];
    clock.after(10, () => calls.push('due'));
    clock.jump(-500);
    expect([clock.now(), clock.monotonic(), calls]).toEqual([500, 0, []]);
  });
});
