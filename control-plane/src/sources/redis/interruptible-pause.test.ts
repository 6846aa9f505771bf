import { ManualClock } from '@headgate/shared/manual-clock';
import { InterruptiblePause } from './interruptible-pause.ts';

describe('a pause that can be cut short', () => {
  const open = () => {
    const clock = new ManualClock();
    return { clock, pause: new InterruptiblePause(clock) };
  };

  it('ends when its time is over', async () => {
    const { clock, pause } = open();
    const waiting = pause.wait(1_000);
    clock.advance(1_000);
    await waiting;
  });

  it('ends when it is cut, and leaves no timer behind', async () => {
    const { clock, pause } = open();
    const waiting = pause.wait(1_000);
    pause.cut();
    await waiting;
    expect(clock.pending).toBe(0);
  });

  it('does not begin when it was cut before, and that once', async () => {
    const { clock, pause } = open();
    pause.cut();
    pause.cut();
    await pause.wait(1_000);
    const waiting = pause.wait(1_000);
    expect(clock.pending).toBe(1);
    clock.advance(1_000);
    await waiting;
  });
});
