import { z } from 'zod';
import { balanceSchema, resolveBalance, type Balance } from './balance.ts';
import { durationMs, durationSchema } from './duration.ts';
import { ejectionSchema, resolveEjection, type Ejection } from './ejection.ts';
import { healthCheckSchema, resolveHealthCheck, type HealthCheck } from './health-check.ts';
import { limitsSchema, resolveLimits, type Limits } from './limits.ts';
import { nameSchema } from './name.ts';
import { registrationSchema } from './registration.ts';
import { resolveRetry, retrySchema, type Retry } from './retry.ts';
import { canonicalServer, serverEndpoint, serverSchema } from './server.ts';
import { resolveSession, sessionSchema, type Session } from './session.ts';
import { sourcesSchema } from './sources.ts';
import { resolveTimeouts, timeoutsSchema, type Timeouts } from './timeouts.ts';

/** Everything of a backend but its servers. */
const settingsShape = {
  balance: balanceSchema.optional().meta({ description: 'Default: weighted_round_robin.' }),
  session: sessionSchema.optional().meta({ description: 'Default: requests are balanced one by one.' }),
  healthCheck: healthCheckSchema.optional().meta({ description: 'Default: servers are not probed.' }),
  ejection: ejectionSchema.optional().meta({ description: 'Default: failed requests eject nobody.' }),
  retry: retrySchema.optional(),
  slowStart: durationSchema({ min: '0s', max: '1h' }).optional().meta({
    description: 'A server that joins or recovers grows from 10 % of its weight to all of it. Default 0s: off.',
  }),
  failOpen: z
    .boolean({ error: 'is not a boolean — use true or false' })
    .optional()
    .meta({ description: 'With no healthy server left: true sends to all of them, false answers 503. Default false.' }),
  timeouts: timeoutsSchema.optional(),
  limits: limitsSchema.optional(),
  sources: sourcesSchema.optional(),
  registration: registrationSchema.optional().meta({ description: 'Default: servers cannot register themselves.' }),
  via: z
    .boolean({ error: 'is not a boolean — use true or false' })
    .optional()
    .meta({ description: 'Adds Via to requests and answers. Default true.' }),
};

/** How many servers a backend may have, with the message for more. */
export const serverListMax = [10_000, 'has more than 10,000 servers — split the backend'] as const;

/** A backend as operators write it. */
export const backendSchema = z
  .strictObject({
    name: nameSchema,
    servers: z
      .array(serverSchema, { error: 'is not a list of servers — write [{"address": "10.0.0.11", "port": 8080}]' })
      .max(...serverListMax)
      .optional()
      .meta({ description: 'A set: the order has no meaning. Default: none.' }),
    ...settingsShape,
  })
  .meta({ id: 'Backend', description: 'A named pool of servers with its settings.' });

export type BackendDocument = z.infer<typeof backendSchema>;
/** A backend's document without its servers, which are stored as objects of their own. */
export type BackendSettingsDocument = Omit<BackendDocument, 'servers'>;

/** A backend's settings as data planes know them. */
export interface Backend {
  readonly name: string;
  readonly balance: Balance;
  readonly session?: Session | undefined;
  readonly healthCheck?: HealthCheck | undefined;
  readonly ejection?: Ejection | undefined;
  readonly retry: Retry;
  /** 0 is off. */
  readonly slowStartMs: number;
  readonly failOpen: boolean;
  readonly timeouts: Timeouts;
  readonly limits: Limits;
  readonly via: boolean;
}

/** The document in its one spelling: canonical addresses, servers sorted by endpoint, fields in the schema's order. */
export function canonicalBackend(document: BackendDocument): BackendDocument {
  const { name, servers = [], ...settings } = document;
  const sorted = servers.map(canonicalServer).map((server) => ({ endpoint: serverEndpoint(server), server }));
  sorted.sort((a, b) => (a.endpoint < b.endpoint ? -1 : a.endpoint > b.endpoint ? 1 : 0));
  return { name, servers: sorted.map(({ server }) => server), ...settings };
}

/** The document with its defaults. */
export function resolveBackend(document: BackendSettingsDocument): Backend {
  return {
    name: document.name,
    balance: resolveBalance(document.balance),
    session: document.session && resolveSession(document.session),
    healthCheck: document.healthCheck && resolveHealthCheck(document.healthCheck),
    ejection: document.ejection && resolveEjection(document.ejection),
    retry: resolveRetry(document.retry),
    slowStartMs: durationMs(document.slowStart, 0),
    failOpen: document.failOpen ?? false,
    timeouts: resolveTimeouts(document.timeouts),
    limits: resolveLimits(document.limits),
    via: document.via ?? true,
  };
}
