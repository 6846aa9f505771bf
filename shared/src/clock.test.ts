import { every, systemClock } from './clock.ts';
import { ManualClock } from './manual-clock.ts';

describe('every', () => {
  it('calls back once in each period until it is cancelled', () => {
    const clock = new ManualClock();
    let calls = 0;
    const cancel = every(clock, 100, () => calls++);
    clock.advance(99);
    expect(calls).toBe(0);
    clock.advance(201);
    expect(calls).toBe(3);
    cancel();
    clock.advance(1_000);
    expect(calls).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it('can be cancelled from inside the callback', () => {
    const clock = new ManualClock();
    let calls = 0;
    const cancel = every(clock, 100, () => {
      calls++;
      cancel();
    });
    clock.advance(1_000);
    expect(calls).toBe(1);
    expect(clock.pending).toBe(0);
  });
});

describe('systemClock', () => {
  it('has a monotonic time that does not go back, and the time of day', () => {
    const first = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
  });

  it('calls back after the delay', async () => {
    await new Promise<void>((resolve) => systemClock.after(1, resolve));
  });

  it('calls back no more once cancelled', async () => {
    const called: string[] = [];
    const cancel = systemClock.after(0, () => called.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => systemClock.after(5, resolve));
    expect(called).toEqual([]);
  });

  it('does not turn a delay of a month into none', async () => {
    const called: string[] = [];
    const cancel = systemClock.after(31 * 24 * 3_600_000, () => called.push('too early'));
    await new Promise<void>((resolve) => systemClock.after(5, resolve));
    cancel();
    expect(called).toEqual([]);
  });
});
