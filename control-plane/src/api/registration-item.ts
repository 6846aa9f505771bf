import { formatDuration } from '@headgate/shared/model/duration';
import { serverSchema } from '@headgate/shared/model/server';
import { z } from 'zod';
import type { BackendStatus, RegistrationResult, RegistrationStatus } from '../registration/registered-server.ts';
import { timeOf } from './time-of.ts';

const ttl = z.string().meta({ description: 'How long it counts without a further heartbeat.' });
const expiresAt = z.string().meta({ description: 'When it goes without a further heartbeat.' });
const changed = z.boolean().meta({ description: 'False when it only renewed what there was.' });

/** What a registration or heartbeat is answered. */
export const registrationChangeSchema = z.object({ changed, ttl, expiresAt }).meta({ id: 'RegistrationChange' });

/** The same of one of many. */
export const registrationResultSchema = z
  .object({
    server: z.string().meta({ description: 'address:port' }),
    created: z.boolean().meta({ description: 'It was not registered before.' }),
    ...registrationChangeSchema.shape,
  })
  .meta({ id: 'RegistrationResult' });

export const registrationItemSchema = serverSchema
  .extend({
    ttl,
    since: z.string().meta({ description: 'When it came.' }),
    lastHeartbeat: z
      .string()
      .optional()
      .meta({ description: 'Absent when none has come since the control plane has started.' }),
    expiresIn: z.string().meta({ description: 'Rounded to seconds; 0ms while a pause holds it.' }),
    paused: z.boolean().meta({ description: 'Whether expiry of the backend is paused.' }),
  })
  .meta({ id: 'RegistrationItem', description: 'A server that is registered.' });

export function registrationChange({ changed: isChanged, ttlMs, expiresAt: at }: RegistrationResult): object {
  return { changed: isChanged, ttl: formatDuration(ttlMs), expiresAt: timeOf(at) };
}

export function registrationResult(result: RegistrationResult): object {
  return { server: result.endpoint, created: result.created, ...registrationChange(result) };
}

export function registrationItem(status: RegistrationStatus, { pausedUntil }: BackendStatus): object {
  const { document, ttlMs, since, lastHeartbeat, expiresInMs } = status;
  return {
    ...document,
    ttl: formatDuration(ttlMs),
    since: timeOf(since),
    ...(lastHeartbeat === undefined ? {} : { lastHeartbeat: timeOf(lastHeartbeat) }),
    expiresIn: formatDuration(Math.max(0, Math.round(expiresInMs / 1_000) * 1_000)),
    paused: pausedUntil !== undefined,
  };
}
