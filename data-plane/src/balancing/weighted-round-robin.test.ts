import fc from 'fast-check';
import { inTurnCases } from './orders-in-turn.cases.ts';
import { contextWith, countNames, nameOf, PickerStage, runs } from './picker-stage.cases.ts';

inTurnCases('weighted_round_robin', (weight) => weight);

const weightList = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 12 });
const named = (weights: readonly number[]) =>
  Object.fromEntries(weights.map((weight, index) => [String.fromCharCode(97 + index), weight]));

describe('weighted_round_robin', () => {
  it('spreads a heavy server’s turns', () => {
    const stage = new PickerStage('weighted_round_robin', { a: 5, b: 1, c: 1 });
    expect(stage.names(7).join(' ')).toBe('a a a b a c a');
    expect(stage.names(7).join(' ')).toBe('a a a b a c a');
  });

  it('gives every other server its share between two turns of one, or one turn more or less', () => {
    fc.assert(
      fc.property(weightList, (weights) => {
        const stage = new PickerStage('weighted_round_robin', named(weights));
        const names = stage.names(3_000);
        const last = names.indexOf('b');
        const between = countNames(names.slice(names.lastIndexOf('b', 1_500) + 1, names.indexOf('b', 1_500)));
        fc.pre(last !== -1 && names.lastIndexOf('b', 1_500) !== -1 && names.indexOf('b', 1_500) > 1_500);
        weights.forEach((weight, index) => {
          if (index === 1) return;
          const count = between[String.fromCharCode(97 + index)] ?? 0;
          expect(count).toBeGreaterThanOrEqual(Math.floor(weight / weights[1]!));
          expect(count).toBeLessThanOrEqual(Math.ceil(weight / weights[1]!));
        });
      }),
      runs,
    );
  });

  it('keeps the exact shares of any weights over millions of rounds', () => {
    const weights = { a: 997, b: 3, c: 1 };
    const stage = new PickerStage('weighted_round_robin', weights);
    stage.names(5);
    // As after 2⁴⁰ rounds, which is 30 years of a million requests each second.
    stage.position.tier(0).round += 2 ** 40;
    for (const { server } of stage.candidates) stage.slots.dueRounds[server.slot]! += 2 ** 40;
    stage.recompile(weights);
    for (let cycle = 0; cycle < 3; cycle++) expect(stage.counts(1_001)).toEqual(weights);
  });

  it('stays exact beyond the rounds that its numbers are compared in', () => {
    const weights = { a: 1, b: 2 };
    const stage = new PickerStage('weighted_round_robin', weights);
    for (let cycle = 0; cycle < 5_000; cycle++) {
      const names = stage.names(3);
      if (cycle % 500 === 0) expect(countNames(names)).toEqual(weights);
    }
    expect(stage.position.tier(0).round).toBeGreaterThan(4_900);
  });

  it('applies a changed weight at once, with no debts in the old one', () => {
    const stage = new PickerStage('weighted_round_robin', { a: 1_000, b: 1, c: 2 });
    stage.names(400);
    stage.recompile({ a: 1, b: 1, c: 2 });
    const counts = stage.counts(8);
    for (const [name, share] of [
      ['a', 2],
      ['b', 2],
      ['c', 4],
    ] as const) {
      expect(Math.abs((counts[name] ?? 0) - share)).toBeLessThanOrEqual(1);
    }
  });

  it('is exact again a turn after any change of weights', () => {
    fc.assert(
      fc.property(weightList, weightList, fc.nat(200), (before, after, picks) => {
        const stage = new PickerStage('weighted_round_robin', named(before));
        stage.names(picks);
        stage.recompile(named(after));
        const total = after.reduce((a, b) => a + b, 0);
        stage.names(total);
        expect(stage.counts(total)).toEqual(named(after));
      }),
      { ...runs, numRuns: 30 },
    );
  });

  it('counts turns that requests of an older version still take', () => {
    const weights = { a: 3, b: 2, c: 1 };
    const stage = new PickerStage('weighted_round_robin', weights);
    const older = stage.picker;
    stage.recompile(weights);
    const names = Array.from({ length: 24 }, (_, request) =>
      nameOf((request % 5 === 3 ? older : stage.picker).pick(contextWith())),
    );
    expect(countNames(names.slice(0, 12))).toEqual({ a: 6, b: 4, c: 2 });
    expect(countNames(names.slice(12))).toEqual({ a: 6, b: 4, c: 2 });
  });

  it('serves a server that moves to another tier within its turn there', () => {
    const stage = new PickerStage('weighted_round_robin', { a: 1, b: 1, c: { priority: 1 }, d: { priority: 1 } });
    stage.names(1_000);
    stage.recompile({ a: { priority: 1 }, b: 1, c: { priority: 1 }, d: { priority: 1 } });
    stage.kill('b');
    expect(stage.counts(6)).toEqual({ a: 2, c: 2, d: 2 });
  });

  it('gives back the turns that were passed over while nobody could be found', () => {
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`s${index}`, 1]));
    const stage = new PickerStage('weighted_round_robin', many, { failOpen: true });
    stage.kill(...Object.keys(many));
    expect(stage.counts(34)).toEqual(Object.fromEntries(Object.keys(many).map((name) => [name, 2])));
  });
});
