import { ManualClock } from '@headgate/shared/manual-clock';
import { FleetFlaps } from './fleet-flaps.ts';

describe('what is remembered of flapping servers', () => {
  it('is bounded for all data planes together, whatever they say', () => {
    const clock = new ManualClock();
    const calmed: string[] = [];
    const onCalm = (server: string): void => void calmed.push(server);
    const flaps = new FleetFlaps({ clock, policy: { changes: 2, windowMs: 1_000 }, onCalm, mostTracks: 3 });
    for (const server of ['a', 'b', 'c', 'd']) flaps.note('x', server);
    expect([flaps.size, flaps.lastChange('x', 'a'), flaps.note('y', 'a')]).toEqual([3, undefined, false]);
    expect(['b', 'c', 'd'].map((server) => flaps.note('x', server))).toEqual([true, true, true]);
    for (const server of ['e', 'f']) expect([flaps.note('x', server), flaps.note('x', server)]).toEqual([false, false]);
    expect([flaps.size, flaps.isFlapping('x', 'b'), flaps.isFlapping('x', 'e')]).toEqual([3, true, false]);
    flaps.forget('x');
    expect([flaps.size, calmed.sort()]).toEqual([0, ['b', 'c', 'd']]);
    clock.advance(10_000);
    expect(clock.pending).toBe(0);
    flaps.close();
  });
});
