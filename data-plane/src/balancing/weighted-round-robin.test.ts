import fc from 'fast-check';
import { verdict } from '../upstream/server-slots.ts';
import { countNames, pickerCases, PickerStage } from './picker.cases.ts';
import { createWeightedRoundRobin } from './weighted-round-robin.ts';

pickerCases('weighted_round_robin', createWeightedRoundRobin, (weight) => weight);

describe('weighted_round_robin', () => {
  it('spreads a heavy server’s turns as evenly as it can', () => {
    const stage = new PickerStage(createWeightedRoundRobin, { a: 5, b: 1, c: 1 });
    expect(stage.names(7).join(' ')).toBe('a a b a c a a');
    expect(stage.names(7).join(' ')).toBe('a a b a c a a');
  });

  it('keeps every share of first choices when a failing server makes all of its requests try another', () => {
    const weights = { a: 4, b: 2, c: 1, d: 1 };
    const stage = new PickerStage(createWeightedRoundRobin, weights);
    const firsts = Array.from({ length: 160 }, () => {
      const first = stage.name();
      if (first === 'a') stage.name('a');
      return first;
    });
    const counts = countNames(firsts);
    expect(counts['a']).toBe(80);
    expect(counts['b']! + counts['c']! + counts['d']!).toBe(80);
    expect(Math.abs(counts['b']! - 40)).toBeLessThanOrEqual(2);
  });

  it('charges a server for retries that it takes over from another', () => {
    const stage = new PickerStage(createWeightedRoundRobin, { a: 2, b: 1, c: 1 });
    const attempts: string[] = [];
    for (let request = 0; request < 400; request++) {
      const first = stage.name();
      attempts.push(first);
      if (first === 'a') attempts.push(stage.name('a'));
    }
    const counts = countNames(attempts);
    expect(counts['a']).toBe(200);
    expect(Math.abs(counts['b']! - counts['c']!)).toBeLessThanOrEqual(2);
  });

  it('applies a changed weight at once, with no debts in the old one', () => {
    const stage = new PickerStage(createWeightedRoundRobin, { a: 1_000, b: 1, c: 2 });
    stage.names(400);
    stage.recompile({ a: 1, b: 1, c: 2 });
    const counts = stage.counts(8);
    for (const [name, share] of [
      ['a', 2],
      ['b', 2],
      ['c', 4],
    ] as const) {
      expect(Math.abs(counts[name]! - share)).toBeLessThanOrEqual(1);
    }
  });

  it('goes on behind the last choice when equal weights become different ones', () => {
    const stage = new PickerStage(createWeightedRoundRobin, { a: 1, b: 1, c: 1, d: 1 });
    expect(stage.names(2)).toEqual(['a', 'b']);
    stage.recompile({ a: 2, b: 2, c: 2, d: 3 });
    expect(stage.names(2).sort()).toEqual(['c', 'd']);
  });

  it('goes on behind the last choice when different weights become equal', () => {
    const stage = new PickerStage(createWeightedRoundRobin, { a: 1, b: 2, c: 1 });
    expect(stage.names(1)).toEqual(['b']);
    stage.recompile({ a: 1, b: 1, c: 1 });
    expect(stage.names(3)).toEqual(['c', 'a', 'b']);
  });

  it('keeps smooth weights adding up to nothing, whatever happens', () => {
    const moves = fc.array(
      fc.record({
        weights: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 }),
        picks: fc.nat(20),
      }),
    );
    fc.assert(
      fc.property(moves, (script) => {
        const stage = new PickerStage(createWeightedRoundRobin, { a: 2, b: 1 });
        for (const { weights, picks } of script) {
          const record = Object.fromEntries(weights.map((weight, index) => ['abcdef'[index]!, weight]));
          stage.recompile(record);
          const total = weights.reduce((a, b) => a + b, 0);
          stage.judge('a', picks % 2 === 0 ? verdict.unhealthy : verdict.healthy);
          stage.names(picks);
          if (picks === 0 || new Set(weights).size === 1) continue;
          const smooth = stage.candidates.map(({ server }) => stage.slots.smoothWeights[server.slot]!);
          expect(smooth.reduce((a, b) => a + b, 0)).toBe(0);
          for (const each of smooth) expect(Math.abs(each)).toBeLessThanOrEqual(3 * total);
        }
      }),
    );
  });
});
