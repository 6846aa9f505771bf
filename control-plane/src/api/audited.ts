import { errorCatalogue, type ErrorCode } from '@headgate/shared/error';
import type { Request, Response } from 'express';
import type { AuditOrigin } from '../store/access-store.ts';
import type { RefusedRequest } from '../access/audit-log.ts';
import type { FailureWords, Operation } from './operation.ts';
import type { Actor } from './scope.ts';

const NO_OPERATION = 'none';

/** What is known of a request while it is served, for its entry in the audit log. */
interface Known {
  operation?: Operation;
  actor?: Actor;
  objects?: readonly string[];
}

/** The caller's address, IPv4 in its own spelling. */
export function remoteOf({ socket }: Pick<Request, 'socket'>): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Which request it is, as the audit log tells it. */
export function originOf(operation: Operation, request: Request): AuditOrigin {
  return { operation: operation.operationId, remote: remoteOf(request) };
}

/** Notes what has become known of a request. */
export function note({ locals }: Response, known: Known): void {
  Object.assign(locals, known);
}

/** How the operation says its failures, if in words of its own. */
export function failureWordsOf({ locals }: Response): FailureWords | undefined {
  return (locals as Known).operation?.failureWords;
}

/** The operation's id, `none` as long as there is none. */
export function operationIdOf({ locals }: Response): string {
  return (locals as Known).operation?.operationId ?? NO_OPERATION;
}

/**
 * The refusal that a failed request was, for the audit log; undefined when it was none. Whoever may not is noted always;
 * that something was not found or not valid is noted of operations that change something.
 */
export function refusalOf(request: Request, response: Response, code: ErrorCode): RefusedRequest | undefined {
  const { operation, actor, objects = [] } = response.locals as Known;
  const { status } = errorCatalogue[code];
  const changes = operation?.scope === 'write' || (operation?.scope === 'admin' && operation.method !== 'get');
  const mayNot = status === 401 || status === 403 || status === 429;
  if (!mayNot && !(changes && status < 500)) return undefined;
  return { operation: operationIdOf(response), remote: remoteOf(request), actor: actor?.name, objects, code };
}

/** What an operation is about, as kind/name, from the parameters of its path. */
export function objectsOf({ tag }: Operation, params: Readonly<Record<string, unknown>>): readonly string[] {
  const names = Object.values(params).map(String);
  if (names.length === 0) return [];
  const kind = tag === 'servers' && params['endpoint'] === undefined ? 'backend' : tag.replace(/s$/, '');
  return [[kind, ...names].join('/')];
}
