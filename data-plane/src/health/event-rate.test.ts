import { ManualClock } from '@headgate/shared/manual-clock';
import { EventRate } from './event-rate.ts';

describe('EventRate', () => {
  it('is a mean over the last whole seconds', () => {
    const clock = new ManualClock();
    const rate = new EventRate(clock, 10);
    for (let tenth = 0; tenth < 200; tenth++) {
      rate.mark();
      clock.advance(100);
    }
    expect(rate.perSecond).toBe(10);
    clock.advance(5_000);
    expect(rate.perSecond).toBe(5);
    clock.advance(6_000);
    expect(rate.perSecond).toBe(0);
  });

  it('does not count the second that has only begun', () => {
    const clock = new ManualClock();
    const rate = new EventRate(clock, 10);
    for (let event = 0; event < 50; event++) rate.mark();
    expect(rate.perSecond).toBe(0);
    clock.advance(1_000);
    expect(rate.perSecond).toBe(5);
  });

  it('forgets what lies before a long silence', () => {
    const clock = new ManualClock();
    const rate = new EventRate(clock, 10);
    rate.mark();
    clock.advance(1_000_000_500);
    expect(rate.perSecond).toBe(0);
  });
});
