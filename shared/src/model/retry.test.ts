import { resolveRetry, retrySchema } from './retry.ts';

describe('resolveRetry', () => {
  it('fills in the defaults, and takes what is written', () => {
    expect(resolveRetry()).toEqual({ attempts: 1, budgetPercent: 20, minConcurrent: 3, replayBytes: 65_536 });
    expect(resolveRetry({ attempts: 0 })).toMatchObject({ attempts: 0, budgetPercent: 20 });
  });

  it.each([{ attempts: 11 }, { budgetPercent: 101 }, { replayBytes: 65_537 }, { retries: 1 }])(
    'refuses %j',
    (document) => {
      expect(retrySchema.safeParse(document).success).toBe(false);
    },
  );
});
