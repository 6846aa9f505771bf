import type { OwnAnswer } from './message.ts';
import { versionField } from './version-field.ts';

const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** One default interval of health checks: before that, nothing will have changed. */
const RETRY_AFTER_SECONDS = '5';
/** Overload passes as soon as some requests have ended. */
const RETRY_AFTER_OVERLOAD_SECONDS = '1';

interface AnswerShape {
  readonly status: number;
  readonly close?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Every answer that Headgate gives itself. Those to requests whose end cannot be trusted close the connection
 * (RFC 9112 section 6.3).
 */
const shapes = {
  bad_request: { status: 400, close: true },
  invalid_target: { status: 400, close: true },
  missing_host: { status: 400, close: true },
  several_hosts: { status: 400, close: true },
  invalid_host: { status: 400, close: true },
  invalid_framing: { status: 400, close: true },
  unknown_host: { status: 404 },
  no_route: { status: 404 },
  method_not_allowed: { status: 405, close: true, headers: { Allow: ALLOWED_METHODS } },
  request_timeout: { status: 408, close: true },
  request_too_large: { status: 413, close: true },
  request_line_too_long: { status: 414, close: true },
  expectation_failed: { status: 417, close: true },
  header_too_large: { status: 431, close: true },
  too_many_fields: { status: 431, close: true },
  transfer_coding_not_supported: { status: 501, close: true },
  connect_failed: { status: 502 },
  connection_lost: { status: 502 },
  invalid_answer: { status: 502 },
  no_servers: { status: 503, headers: { 'Retry-After': RETRY_AFTER_SECONDS } },
  no_healthy_server: { status: 503, headers: { 'Retry-After': RETRY_AFTER_SECONDS } },
  server_removed: { status: 503, headers: { 'Retry-After': '0' } },
  overloaded: { status: 503, headers: { 'Retry-After': RETRY_AFTER_OVERLOAD_SECONDS } },
  queue_timeout: { status: 503, headers: { 'Retry-After': RETRY_AFTER_OVERLOAD_SECONDS } },
  connect_timeout: { status: 504 },
  first_byte_timeout: { status: 504 },
  idle_timeout: { status: 504 },
  http_version_not_supported: { status: 505, close: true },
} as const satisfies Record<string, AnswerShape>;

export type OwnReason = keyof typeof shapes;

/** Every reason that there is. */
export const ownReasons = Object.keys(shapes) as readonly OwnReason[];

const answers = new Map<OwnReason, OwnAnswer>(
  (Object.entries(shapes) as [OwnReason, AnswerShape][]).map(([reason, shape]) => [reason, toAnswer(reason, shape)]),
);

/** The answer for a reason. The same frozen object each time. */
export function ownAnswer(reason: OwnReason): OwnAnswer {
  return answers.get(reason)!;
}

/** What an own answer says: its reason and the id to look for in the access log, and nothing of the inside. */
export function ownAnswerBody(answer: OwnAnswer, requestId: string): string {
  return `${JSON.stringify({ error: answer.reason, requestId })}\n`;
}

/** What an own answer tells of its request. */
export interface AnswerFacts {
  readonly requestId: string;
  /** Undefined when it is not shown. */
  readonly shownVersion: number | undefined;
}

/** Fields of an own answer: names and values in turn. Nothing may keep it, for it tells of this moment alone. */
export function ownAnswerHeaders(answer: OwnAnswer, exchange: AnswerFacts, bodyBytes: number): string[] {
  const { requestId, shownVersion } = exchange;
  const fields = ['Content-Type', 'application/json', 'Cache-Control', 'no-store', 'X-Request-Id', requestId];
  if (shownVersion !== undefined) fields.push(versionField, String(shownVersion));
  for (const [name, value] of Object.entries(answer.headers)) fields.push(name, value);
  fields.push('Content-Length', String(bodyBytes));
  return fields;
}

function toAnswer(reason: OwnReason, shape: AnswerShape): OwnAnswer {
  const headers = Object.freeze({ ...shape.headers });
  return Object.freeze({ status: shape.status, reason, headers, close: shape.close ?? false });
}
