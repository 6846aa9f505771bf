import { z } from 'zod';
import { durationMs, durationSchema } from './duration.ts';

/** How long a backend may take, as operators write it. */
export const timeoutsSchema = z
  .strictObject({
    connect: durationSchema({ min: '10ms', max: '5m' })
      .optional()
      .meta({ description: 'Until a connection to a server stands. Default 3s.' }),
    firstByte: durationSchema({ min: '10ms', max: '24h' })
      .optional()
      .meta({ description: 'From the end of the request to the first byte of the answer. Default 60s.' }),
    idle: durationSchema({ min: '10ms', max: '24h' })
      .optional()
      .meta({ description: 'Between two bytes of a request or an answer. Default 60s.' }),
    tunnelIdle: durationSchema({ min: '1s', max: '168h' })
      .optional()
      .meta({ description: 'Between two bytes of a WebSocket. Default 1h.' }),
    drain: durationSchema({ min: '0s', max: '168h' })
      .optional()
      .meta({ description: 'How long requests and tunnels of a removed server may go on. Default 1h.' }),
  })
  .meta({ id: 'Timeouts' });

export type TimeoutsDocument = z.infer<typeof timeoutsSchema>;

/** Timeouts as data planes know them, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
  readonly tunnelIdleMs: number;
  readonly drainMs: number;
}

export const timeoutDefaults: Timeouts = {
  connectMs: 3_000,
  firstByteMs: 60_000,
  idleMs: 60_000,
  tunnelIdleMs: 3_600_000,
  drainMs: 3_600_000,
};

/** The document with its defaults. */
export function resolveTimeouts(document: TimeoutsDocument = {}): Timeouts {
  return {
    connectMs: durationMs(document.connect, timeoutDefaults.connectMs),
    firstByteMs: durationMs(document.firstByte, timeoutDefaults.firstByteMs),
    idleMs: durationMs(document.idle, timeoutDefaults.idleMs),
    tunnelIdleMs: durationMs(document.tunnelIdle, timeoutDefaults.tunnelIdleMs),
    drainMs: durationMs(document.drain, timeoutDefaults.drainMs),
  };
}
