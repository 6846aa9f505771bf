import { median, medianOfRatios } from './median.ts';

describe('medians', () => {
  it('are the middle sample, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('of ratios pair what was measured in the same round', () => {
    // The machine was three times slower in the second round, for both.
    expect(medianOfRatios([20, 60, 24], [10, 30, 12])).toBe(2);
  });
});
