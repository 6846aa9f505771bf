import { z } from 'zod';
import { durationMs, durationSchema } from './duration.ts';
import { wholeNumberSchema } from './whole-number.ts';

const queueSchema = z
  .strictObject({
    length: wholeNumberSchema('a number of requests', 1, 100_000).meta({ description: 'Requests that may wait.' }),
    timeout: durationSchema({ min: '10ms', max: '5m' })
      .optional()
      .meta({ description: 'A request that has waited longer is answered by 503. Default 5s.' }),
  })
  .meta({ id: 'Queue', description: 'Where requests wait while every server is at its limit.' });

/** What a backend takes at most, as operators write it. */
export const limitsSchema = z
  .strictObject({
    requestBodyBytes: wholeNumberSchema('a size in bytes', 0, Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ description: 'A larger request body is answered by 413. Default 0: unlimited.' }),
    requestsPerServer: wholeNumberSchema('a number of requests', 0, 1_000_000).optional().meta({
      description: 'Requests and tunnels in flight at one server, for each data plane. Default 0: unlimited.',
    }),
    queue: queueSchema
      .optional()
      .meta({ description: 'Default: none, requests beyond the limit are answered by 503.' }),
  })
  .refine(({ queue, requestsPerServer }) => queue === undefined || (requestsPerServer ?? 0) > 0, {
    path: ['queue'],
    error: 'is of no use without a limit — add "requestsPerServer", or remove it',
  })
  .meta({ id: 'Limits' });

export type LimitsDocument = z.infer<typeof limitsSchema>;

/** Limits as data planes know them. */
export interface Limits {
  /** 0 is unlimited. */
  readonly requestBodyBytes: number;
  /** 0 is unlimited. */
  readonly requestsPerServer: number;
  /** 0 is no queue. */
  readonly queueLength: number;
  readonly queueTimeoutMs: number;
}

/** The document with its defaults. */
export function resolveLimits(document: LimitsDocument = {}): Limits {
  return {
    requestBodyBytes: document.requestBodyBytes ?? 0,
    requestsPerServer: document.requestsPerServer ?? 0,
    queueLength: document.queue?.length ?? 0,
    queueTimeoutMs: durationMs(document.queue?.timeout, 5_000),
  };
}
