import { ManualClock } from '@headgate/shared/manual-clock';
import { Deadline } from './deadline.ts';

function setUp(): { clock: ManualClock; deadline: Deadline; expired: () => number } {
  const clock = new ManualClock();
  let count = 0;
  return { clock, deadline: new Deadline(clock, () => count++), expired: () => count };
}

describe('Deadline', () => {
  it('expires once, when its time is over', () => {
    const { clock, deadline, expired } = setUp();
    deadline.set(100);
    clock.advance(99);
    expect(expired()).toBe(0);
    clock.advance(1);
    clock.advance(1_000);
    expect([expired(), clock.pending]).toEqual([1, 0]);
  });

  it('is put off by everything that moves, with one timer', () => {
    const { clock, deadline, expired } = setUp();
    deadline.set(100);
    for (let step = 0; step < 10; step++) {
      clock.advance(60);
      deadline.touch();
      expect(clock.pending).toBe(1);
    }
    expect(expired()).toBe(0);
    clock.advance(100);
    expect(expired()).toBe(1);
  });

  it('takes a shorter wait after a longer one, and a longer after a shorter', () => {
    const { clock, deadline, expired } = setUp();
    deadline.set(1_000);
    deadline.set(10);
    clock.advance(10);
    expect(expired()).toBe(1);
    deadline.set(10);
    deadline.set(1_000);
    clock.advance(999);
    expect(expired()).toBe(1);
    clock.advance(1);
    expect(expired()).toBe(2);
  });

  it('leaves no timer behind when it is cleared, and is not woken by what moves later', () => {
    const { clock, deadline, expired } = setUp();
    deadline.set(100);
    deadline.clear();
    deadline.touch();
    clock.advance(1_000);
    expect([expired(), clock.pending]).toEqual([0, 0]);
  });
});
