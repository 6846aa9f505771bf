import { ejectionSchema, resolveEjection } from './ejection.ts';

describe('resolveEjection', () => {
  it('fills in the defaults', () => {
    expect(resolveEjection({})).toEqual({
      consecutiveFailures: 5,
      baseTimeMs: 30_000,
      maxTimeMs: 300_000,
      maxPercent: 50,
      recovery: 'time',
    });
  });

  it.each([{ consecutiveFailures: 0 }, { maxPercent: 0 }, { recovery: 'hope' }, { baseTime: '1ms' }])(
    'refuses %j',
    (document) => {
      expect(ejectionSchema.safeParse(document).success).toBe(false);
    },
  );
});
