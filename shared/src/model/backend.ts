import { z } from 'zod';
import { healthCheckSchema, resolveHealthCheck, type HealthCheck } from './health-check.ts';
import { nameSchema } from './name.ts';
import { canonicalServer, serverEndpoint, serverSchema } from './server.ts';
import { resolveTimeouts, timeoutsSchema, type Timeouts } from './timeouts.ts';
import { wholeNumberSchema } from './whole-number.ts';

export const algorithms = ['round_robin', 'weighted_round_robin'] as const;
export type Algorithm = (typeof algorithms)[number];

const balanceSchema = z
  .strictObject({
    algorithm: z.enum(algorithms, { error: `is not a known algorithm — use one of ${algorithms.join(', ')}` }),
  })
  .meta({ id: 'Balance' });

const limitsSchema = z
  .strictObject({
    requestBodyBytes: wholeNumberSchema('a size in bytes', 0, Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ description: 'A larger request body is answered by 413. Default 0: unlimited.' }),
  })
  .meta({ id: 'Limits' });

/** Everything of a backend but its servers. */
const settingsShape = {
  balance: balanceSchema.optional().meta({ description: 'Default: weighted_round_robin.' }),
  healthCheck: healthCheckSchema.optional().meta({ description: 'Default: servers are not probed.' }),
  timeouts: timeoutsSchema.optional(),
  limits: limitsSchema.optional(),
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
  readonly algorithm: string;
  readonly healthCheck?: HealthCheck | undefined;
  readonly timeouts: Timeouts;
  /** 0 is unlimited. */
  readonly requestBodyBytes: number;
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
    algorithm: document.balance?.algorithm ?? 'weighted_round_robin',
    healthCheck: document.healthCheck === undefined ? undefined : resolveHealthCheck(document.healthCheck),
    timeouts: resolveTimeouts(document.timeouts),
    requestBodyBytes: document.limits?.requestBodyBytes ?? 0,
    via: document.via ?? true,
  };
}
