import { randomUUID } from 'node:crypto';
import { HeadgateError } from '@headgate/shared/error';
import type { Logger } from '@headgate/shared/logger';
import { problemOf, problemReply, type Problem } from './problem.ts';
import type { Reply } from './reply.ts';

/**
 * The one translator from failures to HTTP. What was expected says what it knows; of anything else the caller learns an
 * id, under which the log tells the rest.
 */
export function translateError(error: unknown, log: Logger): Reply & { readonly body: Problem } {
  const expected = expectedError(error);
  if (expected !== undefined && expected.status < 500) return replyOf(expected);
  const instance = `urn:uuid:${randomUUID()}`;
  log[expected === undefined ? 'error' : 'warn']({ err: error, instance }, 'a request failed');
  return replyOf(
    expected ?? new HeadgateError('HEADGATE_INTERNAL', 'The control plane failed — its log tells more'),
    instance,
  );
}

function replyOf(
  { code, message, faults, retryAfterMs }: HeadgateError,
  instance?: string,
): Reply & { readonly body: Problem } {
  const wait: Readonly<Record<string, string>> =
    retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) };
  return problemReply(problemOf(code, message, { faults, instance }), { ...headersOf(code), ...wait });
}

function headersOf(code: HeadgateError['code']): Readonly<Record<string, string>> {
  if (code === 'HEADGATE_UNAUTHENTICATED') return { 'WWW-Authenticate': 'Bearer realm="headgate"' };
  return code === 'HEADGATE_TIMEOUT' ? { Connection: 'close' } : {};
}

function expectedError(error: unknown): HeadgateError | undefined {
  if (error instanceof HeadgateError) return error;
  // The router's own: a percent encoding in the path that is none.
  if (error instanceof URIError)
    return new HeadgateError('HEADGATE_BAD_PARAMETER', 'The path is not percent-encoded UTF-8');
  return undefined;
}
