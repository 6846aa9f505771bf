import fc from 'fast-check';
import { ManualClock } from '@headgate/shared/manual-clock';
import { tickMs, TimerWheel, WheelTimer } from './timer-wheel.ts';

function stage() {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock);
  const timer = (): { readonly timer: WheelTimer; readonly rings: number[] } => {
    const rings: number[] = [];
    return { timer: new WheelTimer(wheel, { expired: () => void rings.push(clock.monotonic()) }), rings };
  };
  return { clock, wheel, timer };
}

describe('a timer wheel', () => {
  it('rings never early and at most two ticks late, however long the wait', () => {
    fc.assert(
      fc.property(fc.nat(400_000), fc.nat(1_000), (waitMs, offsetMs) => {
        const { clock, timer } = stage();
        timer().timer.set(10_000_000); // keeps the wheel turning
        clock.advance(offsetMs);
        const one = timer();
        one.timer.set(waitMs);
        clock.advance(waitMs + 2 * tickMs);
        expect(one.rings).toHaveLength(1);
        expect(one.rings[0]).toBeGreaterThanOrEqual(offsetMs + waitMs);
      }),
      { numRuns: 50, seed: 7 },
    );
  });

  it('rings once for each time that it is set', () => {
    const { clock, timer } = stage();
    const { timer: one, rings } = timer();
    one.set(100);
    clock.advance(10_000);
    expect(rings).toHaveLength(1);
    one.set(100);
    clock.advance(10_000);
    expect(rings).toHaveLength(2);
  });

  it('begins the wait anew when it is touched, and only then', () => {
    const { clock, timer } = stage();
    const { timer: one, rings } = timer();
    one.set(1_000);
    for (let round = 0; round < 10; round++) {
      clock.advance(900);
      one.touch();
    }
    expect(rings).toEqual([]);
    clock.advance(1_500);
    expect(rings).toHaveLength(1);
    one.touch();
    clock.advance(10_000);
    expect(rings).toHaveLength(1);
  });

  it('takes the last wait that was set, be it shorter or longer', () => {
    const { clock, timer } = stage();
    const [shorter, longer] = [timer(), timer()];
    shorter.timer.set(60_000);
    shorter.timer.set(500);
    longer.timer.set(500);
    longer.timer.set(60_000);
    clock.advance(1_000);
    expect([shorter.rings.length, longer.rings.length]).toEqual([1, 0]);
    clock.advance(59_500);
    expect(longer.rings).toHaveLength(1);
  });

  it('does not ring what is cleared or closed, not even by another that rings in the same tick', () => {
    const { clock, wheel } = stage();
    const rings: string[] = [];
    const all: WheelTimer[] = ['a', 'b', 'c'].map(
      (name) =>
        new WheelTimer(wheel, {
          expired: () => {
            rings.push(name);
            for (const other of all) other.close();
          },
        }),
    );
    for (const one of all) one.set(100);
    clock.advance(1_000);
    expect(rings).toHaveLength(1);
    expect(wheel.size).toBe(0);
  });

  it('lets a timer be set again while it rings', () => {
    const { clock, wheel } = stage();
    let rings = 0;
    const again: WheelTimer = new WheelTimer(wheel, {
      expired: () => {
        if (++rings < 3) again.set(0);
      },
    });
    again.set(0);
    clock.advance(5_000);
    expect(rings).toBe(3);
  });

  it('has a timer of the system only while something is in it', () => {
    const { clock, wheel, timer } = stage();
    const [first, second] = [timer().timer, timer().timer];
    first.set(1_000);
    second.set(1_000);
    expect([clock.pending, wheel.size]).toEqual([1, 2]);
    first.close();
    second.close();
    expect([clock.pending, wheel.size]).toEqual([0, 0]);
    second.set(10);
    clock.advance(1_000);
    expect([clock.pending, wheel.size]).toEqual([0, 0]);
  });

  it('expires nobody at once after the process was held up', () => {
    const clock = new ManualClock();
    const wheel = new TimerWheel({
      now: () => clock.now(),
      monotonic: () => clock.monotonic() * 100, // each alarm comes late
      after: (delayMs, callback) => clock.after(delayMs, callback),
    });
    let rings = 0;
    new WheelTimer(wheel, { expired: () => rings++ }).set(10 * tickMs);
    clock.advance(10 * tickMs);
    expect([rings, wheel.tick]).toEqual([0, 10]);
    clock.advance(tickMs);
    expect(rings).toBe(1);
  });
});
