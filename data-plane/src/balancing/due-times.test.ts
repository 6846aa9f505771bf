import fc from 'fast-check';
import { ServerSlots } from '../upstream/server-slots.ts';
import { DueTimes } from './due-times.ts';
import { TierPosition } from './pick-position.ts';
import { runs } from './picker-stage.cases.ts';

const weight = fc.integer({ min: 1, max: 1_000 });

function setUp() {
  const slots = new ServerSlots();
  const position = new TierPosition();
  const servers = [1, 2].map((port) => slots.acquire({ key: `web/a:${port}`, backend: 'web', address: 'a', port }));
  return { position, times: new DueTimes(slots, position), one: servers[0]!, other: servers[1]! };
}

describe('DueTimes', () => {
  it('comes to exactly one round after as many turns as the weight, for all weights alike', () => {
    fc.assert(
      fc.property(weight, weight, fc.nat(2_000), (a, b, rounds) => {
        const { times, one, other } = setUp();
        times.place(one, a, 0);
        times.place(other, b, 0);
        for (let turn = 0; turn < a; turn++) times.advance(one, 1);
        times.advance(other, b);
        expect(times.at(one, 0)).toBe(1);
        times.advance(one, a * rounds);
        times.advance(other, b * rounds);
        expect(times.at(one, 0)).toBe(times.at(other, 0));
      }),
      runs,
    );
  });

  it('orders times of any two weights as fractions are ordered', () => {
    fc.assert(
      fc.property(weight, weight, fc.nat(1_000_000), fc.nat(1_000_000), (a, b, turnsA, turnsB) => {
        const { times, one, other } = setUp();
        times.place(one, a, turnsA);
        times.place(other, b, turnsB);
        const base = Math.floor(turnsA / a);
        fc.pre(Math.abs(Math.floor(turnsB / b) - base) <= 1_000);
        const compared = Math.sign(times.at(one, base) - times.at(other, base));
        expect(compared).toBe(Math.sign(turnsA * b - turnsB * a));
      }),
      runs,
    );
  });

  it('says beforehand where turns lead, and goes back by them', () => {
    fc.assert(
      fc.property(weight, fc.nat(5_000), fc.nat(100), (of, start, turns) => {
        const { times, one } = setUp();
        times.place(one, of, start / 7);
        const before = times.at(one, 0);
        const foretold = times.at(one, 0, turns);
        times.advance(one, turns);
        expect(times.at(one, 0)).toBe(foretold);
        times.advance(one, -turns);
        expect(times.at(one, 0)).toBe(before);
      }),
      runs,
    );
  });

  it('never turns back', () => {
    const { times, position, one, other } = setUp();
    times.place(one, 4, 3);
    times.place(other, 4, 1);
    times.take(one);
    times.take(other);
    expect([position.round, position.fraction]).toEqual([0, 0.75]);
    expect(times.turnsUntil(other)).toBe(-2);
    expect(times.missedTurns(other)).toBe(2);
    expect(times.missedTurns(one)).toBe(0);
  });
});
