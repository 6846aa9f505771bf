import { verdictOf } from './verdict-of.ts';

const goal = { what: 'something', limit: 2, unit: '×' };

describe('the verdict about a goal', () => {
  it('is met at the limit', () => {
    expect(verdictOf({ ...goal, measured: 2 })).toBe('met');
  });

  it('says by how much it was missed', () => {
    expect(verdictOf({ ...goal, measured: 2.5 })).toBe('**missed** by 25 %');
  });

  it('counts when nothing is allowed at all', () => {
    expect(verdictOf({ ...goal, limit: 0, measured: 3 })).toBe('**missed** by 3');
  });

  it('is never met without a figure, and says why there is none', () => {
    expect(verdictOf({ ...goal, why: 'not installed' })).toBe('not measured: not installed');
    expect(verdictOf({ ...goal, measured: NaN })).toBe('not measured: no figure');
  });
});
