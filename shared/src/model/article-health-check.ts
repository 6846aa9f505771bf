import { z } from 'zod';
import { articleProbeRequestSchema } from './article-probe-request.ts';
import { checkSchema, type SchemaResult } from './check-schema.ts';
import { formatDuration } from './duration.ts';
import { pointerOf, type Fault } from './fault.ts';
import { fieldOf } from './field-of.ts';
import { probePathSchema, type HealthCheckDocument } from './health-check.ts';
import { wholeNumberSchema } from './whole-number.ts';

type Path = readonly PropertyKey[];

/*
 * The numbers of a check are bare. What they count is told from the fields beside them: article 001 has `success`, `fail`
 * and `uri` and counts seconds, article 000 has `rise`, `fall`, `valid_statuses` and `http_req` and counts milliseconds.
 */
const secondsMarkers = ['success', 'fail', 'uri'];
const millisecondsMarkers = ['rise', 'fall', 'valid_statuses', 'http_req', 'concurrency'];

const threshold = wholeNumberSchema('a threshold', 1, 100).optional();
const common = {
  enable: z.boolean({ error: 'is not a boolean — use true or false' }).optional(),
  type: z.enum(['tcp', 'http'], { error: 'is not a known type — use "tcp" or "http"' }),
};
const httpOnly = 'is for checks of the type "http" — remove it, or write "type": "http"';

const secondsSchema = z
  .strictObject({
    ...common,
    interval: secondsNumber('an interval', 0.1, 3_600),
    timeout: secondsNumber('a timeout', 0.01, 300),
    success: threshold,
    fail: threshold,
    uri: probePathSchema.optional(),
  })
  .refine(({ type, uri }) => type === 'http' || uri === undefined, { path: ['uri'], error: httpOnly });

const millisecondsSchema = z
  .strictObject({
    ...common,
    interval: wholeNumberSchema('an interval in milliseconds', 100, 3_600_000).optional(),
    timeout: wholeNumberSchema('a timeout in milliseconds', 10, 300_000).optional(),
    rise: threshold,
    fall: threshold,
    valid_statuses: z
      .array(wholeNumberSchema('a status', 100, 599), { error: 'is not a list of statuses — write [200, 302]' })
      .min(1, 'is empty — list at least one status, or leave it out for 200 to 399')
      .max(32, 'has more than 32 entries — leave it out for 200 to 399')
      .optional(),
    http_req: articleProbeRequestSchema.optional(),
    concurrency: wholeNumberSchema('a number of probes', 1, 100).optional(),
  })
  .refine((check) => check.type === 'http' || check.valid_statuses === undefined, {
    path: ['valid_statuses'],
    error: httpOnly,
  })
  .refine((check) => check.type === 'http' || check.http_req === undefined, { path: ['http_req'], error: httpOnly })
  .meta({ id: 'ArticleHealthCheck' });

/**
 * A `health_check` as the articles write it, in the native spelling; undefined when `enable` is false. Without `enable`
 * it is enabled.
 */
export function readArticleHealthCheck(input: unknown, path: Path): SchemaResult<HealthCheckDocument | undefined> {
  const seconds = secondsMarkers.find((field) => fieldOf(input, field) !== undefined);
  const milliseconds = millisecondsMarkers.find((field) => fieldOf(input, field) !== undefined);
  if (seconds !== undefined && milliseconds !== undefined) {
    return { ok: false, faults: [mixedUnits(path, seconds, milliseconds)] };
  }
  if (milliseconds !== undefined) return translated(checkSchema(millisecondsSchema, input, path), fromMilliseconds);
  const open = ['interval', 'timeout'].filter((field) => seconds === undefined && fieldOf(input, field) !== undefined);
  if (open.length > 0) return { ok: false, faults: open.map((field) => openUnit(path, field)) };
  return translated(checkSchema(secondsSchema, input, path), fromSeconds);
}

function translated<T extends { readonly enable?: boolean | undefined }>(
  result: SchemaResult<T>,
  translate: (check: T) => HealthCheckDocument,
): SchemaResult<HealthCheckDocument | undefined> {
  if (!result.ok) return result;
  return { ok: true, value: result.value.enable === false ? undefined : translate(result.value) };
}

function fromSeconds(check: z.infer<typeof secondsSchema>): HealthCheckDocument {
  const { interval, timeout, success: rise, fail: fall, uri: path } = check;
  const times = { interval: durationOf(interval, 1_000), timeout: durationOf(timeout, 1_000) };
  return present({ type: check.type, ...times, fall, rise, path });
}

function fromMilliseconds(check: z.infer<typeof millisecondsSchema>): HealthCheckDocument {
  const { type, interval, timeout, rise, fall, valid_statuses: statuses, http_req: request, concurrency } = check;
  const times = { interval: durationOf(interval, 1), timeout: durationOf(timeout, 1) };
  return present({ type, ...request, ...times, fall, rise, validStatuses: statuses?.map(String), concurrency });
}

function durationOf(number: number | undefined, unitMs: number): string | undefined {
  return number === undefined ? undefined : formatDuration(Math.round(number * unitMs));
}

/** Leaves out what is undefined, so that the result is spelled as a document that was written natively. */
function present(check: Readonly<Record<string, unknown>>): HealthCheckDocument {
  return Object.fromEntries(Object.entries(check).filter(([, value]) => value !== undefined)) as HealthCheckDocument;
}

/** A number of seconds with at most three decimals. */
function secondsNumber(noun: string, min: number, max: number) {
  const message = `is not ${noun} in seconds — use a number from ${min} to ${max} with at most three decimals`;
  return z
    .number({ error: message })
    .min(min, message)
    .max(max, message)
    .refine((seconds) => Math.abs(seconds * 1_000 - Math.round(seconds * 1_000)) < 1e-6, message)
    .optional();
}

function mixedUnits(path: Path, seconds: string, milliseconds: string): Fault {
  return {
    pointer: pointerOf([...path, milliseconds]),
    code: 'mixed_units',
    detail: `"${milliseconds}" counts milliseconds and stands beside "${seconds}", which counts seconds`,
    fix: 'use success, fail and uri with seconds, or rise and fall with milliseconds',
  };
}

function openUnit(path: Path, field: string): Fault {
  return {
    pointer: pointerOf([...path, field]),
    code: 'ambiguous_unit',
    detail: `"${field}" may be seconds or milliseconds: no field beside it tells`,
    fix: 'add success and fail for seconds, or rise and fall for milliseconds',
  };
}
