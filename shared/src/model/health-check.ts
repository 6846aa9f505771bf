import { z } from 'zod';
import { durationMs, durationSchema } from './duration.ts';
import { normaliseAuthority } from '../routing/normalise-authority.ts';
import { TOKEN } from './token.ts';
import { wholeNumberSchema } from './whole-number.ts';

const STATUS_MESSAGE = 'is not a status or a range of statuses — write "204" or "200-399", from 100 to 599';
const PATH_MESSAGE = 'is not a request path — begin with "/", at most 2,048 visible ASCII characters, without "#"';

const NAME_MESSAGE = 'is not a name of a field — use 1 to 64 letters, digits and hyphens';
const OWNED_MESSAGE = 'is a field that the probe sets itself — remove it; Host is set by "host"';
const VALUE_MESSAGE = 'is not the value of a field — use at most 1,024 printable ASCII characters';
const HOST_MESSAGE = 'is not a host — write a name or address, with a port or without, such as app.example.com';

/** What frames a probe or says how its connection goes on. */
const ownedFields = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'trailer',
  'te',
  'upgrade',
  'expect',
  'keep-alive',
]);

/** Methods of a probe: those that change nothing. */
export const probeMethods = ['GET', 'HEAD', 'OPTIONS'] as const;

/** Origin-form target of a probe. */
export const probePathSchema = z
  .string({ error: PATH_MESSAGE })
  .max(2_048, PATH_MESSAGE)
  .regex(/^\/[\x21\x22\x24-\x7e]*$/, PATH_MESSAGE);

/** Host of a probe. */
export const probeHostSchema = z
  .string({ error: HOST_MESSAGE })
  .max(300, HOST_MESSAGE)
  .refine((text) => text !== '' && normaliseAuthority(text) !== undefined, HOST_MESSAGE);

const statusRangeSchema = z
  .string({ error: STATUS_MESSAGE })
  .refine((text) => parseStatusRange(text) !== undefined, STATUS_MESSAGE);

const common = {
  interval: durationSchema({ min: '100ms', max: '1h' })
    .optional()
    .meta({ description: 'Time between two probes of one server. Default 5s.' }),
  timeout: durationSchema({ min: '10ms', max: '5m' })
    .optional()
    .meta({ description: 'A probe that takes longer has failed. Default 2s.' }),
  fall: wholeNumberSchema('a threshold', 1, 100)
    .optional()
    .meta({ description: 'Failures in a row until a server is unhealthy. Default 3.' }),
  rise: wholeNumberSchema('a threshold', 1, 100)
    .optional()
    .meta({ description: 'Successes in a row until a server is healthy again. Default 2.' }),
  jitterPercent: wholeNumberSchema('a percentage', 0, 50)
    .optional()
    .meta({ description: 'Every interval is drawn from interval ± this share. Default 20.' }),
  downInterval: durationSchema({ min: '100ms', max: '1h' })
    .optional()
    .meta({ description: 'Time between two probes of an unhealthy server. Default: interval.' }),
  concurrency: wholeNumberSchema('a number of probes', 1, 100)
    .optional()
    .meta({ description: 'Probes of the backend in flight at once, for each data plane. Default 10.' }),
};

/** A further field of a probe. */
export const probeFieldSchema = z
  .strictObject({
    name: z
      .string({ error: NAME_MESSAGE })
      .max(64, NAME_MESSAGE)
      .regex(TOKEN, NAME_MESSAGE)
      .refine((name) => !ownedFields.has(name.toLowerCase()), OWNED_MESSAGE),
    value: z
      .string({ error: VALUE_MESSAGE })
      .max(1_024, VALUE_MESSAGE)
      .regex(/^(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/, VALUE_MESSAGE),
  })
  .meta({ id: 'ProbeHeader' });

/** How servers of a backend are probed, as operators write it. */
export const healthCheckSchema = z
  .discriminatedUnion(
    'type',
    [
      z
        .strictObject({ type: z.literal('tcp'), ...common })
        .meta({ id: 'TcpHealthCheck', description: 'A server is healthy when it accepts a connection.' }),
      z
        .strictObject({
          type: z.literal('http'),
          ...common,
          method: z
            .enum(probeMethods, { error: `is not a method of a probe — use one of ${probeMethods.join(', ')}` })
            .optional()
            .meta({ description: 'Default GET.' }),
          path: probePathSchema.optional().meta({ description: 'Path and query of the probe. Default "/".' }),
          host: probeHostSchema
            .optional()
            .meta({ description: 'Host of the probe. Default: address and port of the server.' }),
          headers: z
            .array(probeFieldSchema, { error: 'is not a list of fields — write [{"name": "X-Probe", "value": "1"}]' })
            .max(16, 'has more than 16 fields — remove some')
            .optional()
            .meta({ description: 'Further fields of the probe. Default: none.' }),
          validStatuses: z
            .array(statusRangeSchema, { error: 'is not a list of statuses — write ["200-299", "302"]' })
            .min(1, 'is empty — list at least one status or leave it out for 200-399')
            .max(32, 'has more than 32 entries — join them into ranges')
            .optional()
            .meta({ description: 'Statuses of a healthy answer. Default ["200-399"].' }),
        })
        .meta({ id: 'HttpHealthCheck', description: 'A server is healthy when it answers with a valid status.' }),
    ],
    {
      error: (issue) =>
        typeof issue.input === 'object' && issue.input !== null && !Array.isArray(issue.input)
          ? 'is not a known type — use "tcp" or "http"'
          : 'is not a health check — write {"type": "tcp"} or {"type": "http", "path": "/healthz"}',
    },
  )
  .meta({ id: 'HealthCheck' });

export type HealthCheckDocument = z.infer<typeof healthCheckSchema>;

/** Both ends included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export interface ProbeHeader {
  readonly name: string;
  readonly value: string;
}

/** A health check as data planes know it. */
export interface HealthCheck {
  readonly type: 'tcp' | 'http';
  /** "" for tcp. */
  readonly method: string;
  /** "" for the address and port of the server. */
  readonly host: string;
  readonly headers: readonly ProbeHeader[];
  /** Origin-form target; "" for tcp. */
  readonly path: string;
  readonly intervalMs: number;
  /** While a server is unhealthy. */
  readonly downIntervalMs: number;
  readonly timeoutMs: number;
  readonly fall: number;
  readonly rise: number;
  readonly validStatuses: readonly StatusRange[];
  readonly jitterPercent: number;
  /** Probes of the backend in flight at once. */
  readonly concurrency: number;
}

export const healthCheckDefaults = {
  intervalMs: 5_000,
  timeoutMs: 2_000,
  fall: 3,
  rise: 2,
  jitterPercent: 20,
  concurrency: 10,
  validStatuses: [{ from: 200, to: 399 }],
} as const;

/** The document with its defaults. */
export function resolveHealthCheck(document: HealthCheckDocument): HealthCheck {
  const http = document.type === 'http' ? document : undefined;
  const intervalMs = durationMs(document.interval, healthCheckDefaults.intervalMs);
  return {
    type: document.type,
    method: http === undefined ? '' : (http.method ?? 'GET'),
    path: http === undefined ? '' : (http.path ?? '/'),
    host: http?.host ?? '',
    headers: http?.headers ?? [],
    intervalMs,
    downIntervalMs: durationMs(document.downInterval, intervalMs),
    timeoutMs: durationMs(document.timeout, healthCheckDefaults.timeoutMs),
    fall: document.fall ?? healthCheckDefaults.fall,
    rise: document.rise ?? healthCheckDefaults.rise,
    jitterPercent: document.jitterPercent ?? healthCheckDefaults.jitterPercent,
    concurrency: document.concurrency ?? healthCheckDefaults.concurrency,
    validStatuses: http === undefined ? [] : resolveStatuses(http.validStatuses),
  };
}

/** `204` or `200-399`; undefined when it is neither. */
export function parseStatusRange(text: string): StatusRange | undefined {
  const parts = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text);
  if (parts === null) return undefined;
  const from = Number(parts[1]);
  const to = Number(parts[2] ?? parts[1]);
  return from <= to ? { from, to } : undefined;
}

function resolveStatuses(texts: readonly string[] | undefined): readonly StatusRange[] {
  if (texts === undefined) return healthCheckDefaults.validStatuses;
  return texts.map(parseStatusRange).filter((range) => range !== undefined);
}
