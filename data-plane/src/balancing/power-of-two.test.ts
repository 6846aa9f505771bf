import fc from 'fast-check';
import { PickerStage, runs } from './picker-stage.cases.ts';

describe('power_of_two', () => {
  it('never picks the most loaded of servers that can be used', () => {
    const loads = fc.uniqueArray(fc.nat(40), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(loads, fc.nat(), (inFlight, seed) => {
        const names = inFlight.map((_, index) => `s${index}`);
        const stage = new PickerStage('power_of_two', Object.fromEntries(names.map((name) => [name, 1])), { seed });
        inFlight.forEach((count, index) => {
          for (let request = 0; request < count; request++) stage.begin(names[index]!);
        });
        const most = names[inFlight.indexOf(Math.max(...inFlight))];
        for (let request = 0; request < 20; request++) expect(stage.name()).not.toBe(most);
      }),
      runs,
    );
  });

  it('takes the less loaded of the only two that can be used, among hundreds that cannot', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`s${index}`, 5]));
    const stage = new PickerStage('power_of_two', { ...many, a: 1, b: 1 });
    stage.kill(...Object.keys(many));
    stage.begin('a');
    expect(stage.counts(50)).toEqual({ b: 50 });
  });

  it('compares by weight', () => {
    const stage = new PickerStage('power_of_two', { a: 10, b: 1 });
    for (let request = 0; request < 9; request++) stage.begin('a');
    stage.begin('b');
    expect(stage.counts(20)).toEqual({ a: 20 });
    for (let request = 0; request < 2; request++) stage.begin('a');
    expect(stage.counts(20)).toEqual({ b: 20 });
  });

  it('keeps many servers nearly even, where lots alone do not', () => {
    const of = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`s${index}`, 1]));
    const most = (algorithm: 'power_of_two' | 'random') => {
      const stage = new PickerStage(algorithm, of);
      for (let request = 0; request < 2_000; request++) stage.begin(stage.name());
      return Math.max(...Object.keys(of).map((name) => stage.load(name)));
    };
    expect(most('power_of_two')).toBeLessThanOrEqual(14);
    expect(most('random')).toBeGreaterThan(16);
  });
});
