import { ManualClock } from '@headgate/shared/manual-clock';
import { ServerSlots } from '../upstream/server-slots.ts';
import { beginRamp, rampFactor, SlowStart } from './slow-start.ts';

describe('slow start', () => {
  it('grows from a tenth to the whole weight', () => {
    const at = (nowMs: number) => rampFactor({ startedMs: 1_000, slowStartMs: 10_000, nowMs });
    expect([1_000, 6_000, 10_999, 11_000, 1e9].map(at)).toEqual([0.1, 0.55, expect.closeTo(1, 3), 1, 1]);
    expect(at(0)).toBe(0.1);
  });

  it('is whole when it is off, or has not begun', () => {
    expect(rampFactor({ startedMs: 5, slowStartMs: 0, nowMs: 6 })).toBe(1);
    expect(rampFactor({ startedMs: 0, slowStartMs: 100, nowMs: 6 })).toBe(1);
  });

  it('begins for one server, at whatever time the clock shows', () => {
    const slots = new ServerSlots();
    const clock = new ManualClock();
    const [one, other] = [1, 2].map((port) =>
      slots.acquire({ key: `web/a:${port}`, backend: 'web', address: 'a', port }),
    );
    beginRamp(slots, one!, clock.monotonic());
    const slowStart = new SlowStart(slots, 1_000, clock);
    const factors = () => [one!, other!].map((server) => slowStart.factor(server, slowStart.nowMs()));
    expect(factors()).toEqual([0.1, 1]);
    clock.advance(500);
    expect(factors()).toEqual([0.55, 1]);
    clock.advance(500);
    expect(factors()).toEqual([1, 1]);
    expect(new SlowStart(slots, 0, clock).factor(one!, 0)).toBe(1);
  });
});
