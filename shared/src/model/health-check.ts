import { z } from 'zod';
import { durationMs, durationSchema } from './duration.ts';
import { wholeNumberSchema } from './whole-number.ts';

const STATUS_MESSAGE = 'is not a status or a range of statuses — write "204" or "200-399", from 100 to 599';
const PATH_MESSAGE = 'is not a request path — begin with "/", at most 2,048 visible ASCII characters, without "#"';

/** Origin-form target of a probe. */
export const probePathSchema = z
  .string({ error: PATH_MESSAGE })
  .max(2_048, PATH_MESSAGE)
  .regex(/^\/[\x21\x22\x24-\x7e]*$/, PATH_MESSAGE);

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
};

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
          path: probePathSchema.optional().meta({ description: 'Path and query of the GET. Default "/".' }),
          validStatuses: z
            .array(statusRangeSchema, { error: 'is not a list of statuses — write ["200-299", "302"]' })
            .min(1, 'is empty — list at least one status or leave it out for 200-399')
            .max(32, 'has more than 32 entries — join them into ranges')
            .optional()
            .meta({ description: 'Statuses of a healthy answer. Default ["200-399"].' }),
        })
        .meta({ id: 'HttpHealthCheck', description: 'A server is healthy when it answers a GET with a valid status.' }),
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

/** A health check as data planes know it. */
export interface HealthCheck {
  readonly type: 'tcp' | 'http';
  /** Origin-form target; "" for tcp. */
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly fall: number;
  readonly rise: number;
  readonly validStatuses: readonly StatusRange[];
  readonly jitterPercent: number;
}

export const healthCheckDefaults = {
  intervalMs: 5_000,
  timeoutMs: 2_000,
  fall: 3,
  rise: 2,
  jitterPercent: 20,
  validStatuses: [{ from: 200, to: 399 }],
} as const;

/** The document with its defaults. */
export function resolveHealthCheck(document: HealthCheckDocument): HealthCheck {
  const http = document.type === 'http';
  return {
    type: document.type,
    path: http ? (document.path ?? '/') : '',
    intervalMs: durationMs(document.interval, healthCheckDefaults.intervalMs),
    timeoutMs: durationMs(document.timeout, healthCheckDefaults.timeoutMs),
    fall: document.fall ?? healthCheckDefaults.fall,
    rise: document.rise ?? healthCheckDefaults.rise,
    jitterPercent: document.jitterPercent ?? healthCheckDefaults.jitterPercent,
    validStatuses: http ? resolveStatuses(document.validStatuses) : [],
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
