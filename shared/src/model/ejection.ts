import { z } from 'zod';
import { durationMs, durationSchema } from './duration.ts';
import { wholeNumberSchema } from './whole-number.ts';

/** When requests that fail take a server out (passive health), as operators write it. */
export const ejectionSchema = z
  .strictObject({
    consecutiveFailures: wholeNumberSchema('a threshold', 1, 1_000)
      .optional()
      .meta({ description: '5xx answers and failed attempts in a row until a server is ejected. Default 5.' }),
    baseTime: durationSchema({ min: '100ms', max: '1h' })
      .optional()
      .meta({ description: 'For how long, times how often it was ejected. Default 30s.' }),
    maxTime: durationSchema({ min: '100ms', max: '24h' })
      .optional()
      .meta({ description: 'For how long at most. Default 300s.' }),
    maxPercent: wholeNumberSchema('a percentage', 1, 100)
      .optional()
      .meta({ description: 'Share of a backend that may be ejected at once; never the last server. Default 50.' }),
    recovery: z.enum(['time', 'probe'], { error: 'is not a way to recover — use "time" or "probe"' }).optional().meta({
      description:
        'time: it comes back when its time is over. probe: also when a health check succeeds. Default "time".',
    }),
  })
  .meta({ id: 'Ejection', description: 'Takes a server out after failed requests in a row.' });

export type EjectionDocument = z.infer<typeof ejectionSchema>;

/** Passive ejection as data planes know it. */
export interface Ejection {
  readonly consecutiveFailures: number;
  readonly baseTimeMs: number;
  readonly maxTimeMs: number;
  readonly maxPercent: number;
  /** time or probe */
  readonly recovery: string;
}

/** The document with its defaults. */
export function resolveEjection(document: EjectionDocument): Ejection {
  return {
    consecutiveFailures: document.consecutiveFailures ?? 5,
    baseTimeMs: durationMs(document.baseTime, 30_000),
    maxTimeMs: durationMs(document.maxTime, 300_000),
    maxPercent: document.maxPercent ?? 50,
    recovery: document.recovery ?? 'time',
  };
}
