import { z } from 'zod';
import { wholeNumberSchema } from './whole-number.ts';

/** How often and by what right requests are tried again, as operators write it. */
export const retrySchema = z
  .strictObject({
    attempts: wholeNumberSchema('a number of retries', 0, 10)
      .optional()
      .meta({ description: 'Retries of one request, each at another server. 0: none. Default 1.' }),
    budgetPercent: wholeNumberSchema('a percentage', 0, 100)
      .optional()
      .meta({ description: 'Share of a backend’s requests in flight that may be retries. Default 20.' }),
    minConcurrent: wholeNumberSchema('a number of retries', 0, 10_000)
      .optional()
      .meta({ description: 'Retries in flight that are allowed whatever the budget says. Default 3.' }),
    replayBytes: wholeNumberSchema('a size in bytes', 0, 65_536).optional().meta({
      description:
        'A request body up to this size is kept to be sent again, where the method is idempotent. Default 65536.',
    }),
  })
  .meta({ id: 'Retry' });

export type RetryDocument = z.infer<typeof retrySchema>;

/** Retries as data planes know them. */
export interface Retry {
  readonly attempts: number;
  readonly budgetPercent: number;
  readonly minConcurrent: number;
  readonly replayBytes: number;
}

export const retryDefaults: Retry = { attempts: 1, budgetPercent: 20, minConcurrent: 3, replayBytes: 65_536 };

/** The document with its defaults. */
export function resolveRetry(document: RetryDocument = {}): Retry {
  return {
    attempts: document.attempts ?? retryDefaults.attempts,
    budgetPercent: document.budgetPercent ?? retryDefaults.budgetPercent,
    minConcurrent: document.minConcurrent ?? retryDefaults.minConcurrent,
    replayBytes: document.replayBytes ?? retryDefaults.replayBytes,
  };
}
