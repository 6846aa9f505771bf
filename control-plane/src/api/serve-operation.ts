import { HeadgateError } from '@headgate/shared/error';
import { isName } from '@headgate/shared/model/name';
import type { Request, Response } from 'express';
import type { TokenScope } from '../access/token-scope.ts';
import { note, objectsOf, originOf, remoteOf } from './audited.ts';
import type { Operation } from './operation.ts';
import { sendReply } from './reply.ts';
import type { ContentLimits } from './request/read-content.ts';
import { readJson } from './request/read-json.ts';
import { readParameters } from './request/read-parameters.ts';
import { reaches, scopesFor, type Actor } from './scope.ts';
import { tokenEnded, type Authenticate } from './security/bearer-token.ts';
import { refuseBrowser } from './security/browser.ts';

export interface Service {
  readonly authenticate: Authenticate;
  readonly contentLimits: ContentLimits;
  /** Aborts when the server begins to close. */
  readonly closing: AbortSignal;
}

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  readonly service: Service;
}

const anyone: Actor = { name: 'anyone', scopes: [] };

/**
 * The way of every request through its operation: who asks, for what, with what content; then the answer. A token that
 * is taken back meanwhile ends what is under way: content that was sent by it changes nothing, and a wait is not
 * answered. What has been written is answered, because it has happened.
 */
export async function serveOperation(operation: Operation, { request, response, service }: Exchange): Promise<void> {
  note(response, { operation });
  const actor = identify(operation, { request, response, service });
  assertReach(operation, { actor, request, response });
  const parameters = readParameters(operation, {
    params: { ...request.params },
    target: request.url,
    headers: request.headers,
  });
  note(response, { objects: objectsOf(operation, parameters.params) });
  const body = await readContentOf(operation, request, response, service.contentLimits);
  assertValid(actor);
  const signal = endOf(response, [service.closing, ...(actor.ended === undefined ? [] : [actor.ended])]);
  const origin = originOf(operation, request);
  const reply = await operation.handle({ ...parameters, body, actor, origin, signal });
  if (operation.method === 'get' && operation.scope !== 'write') assertValid(actor);
  await sendReply(response, reply);
}

/** @throws HeadgateError when the caller is nobody. */
export function identify(
  operation: Pick<Operation, 'scope' | 'admission' | 'method'>,
  { request, response, service }: Exchange,
): Actor {
  if (operation.scope === 'open') return anyone;
  const { authorization } = request.headers;
  // What a page makes its visitor ask has no token; so has what is typed in, which may change nothing by GET.
  if (authorization === undefined && operation.scope === 'write' && operation.method === 'get')
    refuseBrowser(request.headers);
  const actor = whoAsks(operation, request, service);
  note(response, { actor });
  return actor;
}

/** Whoever shows a token is held to it; who shows none, and would be refused for that, may need none here. */
function whoAsks({ admission }: Pick<Operation, 'admission'>, request: Request, service: Service): Actor {
  const { headers, url: target } = request;
  const remote = remoteOf(request);
  try {
    return service.authenticate(headers.authorization, remote);
  } catch (error) {
    const admitted = headers.authorization === undefined ? admission?.admit({ remote, target, headers }) : undefined;
    if (admitted === undefined) throw error;
    return admitted;
  }
}

/** @throws HeadgateError when the token was taken back since the request began. */
function assertValid({ ended }: Actor): void {
  if (ended?.aborted === true) throw tokenEnded();
}

interface Asked extends Pick<Exchange, 'request' | 'response'> {
  readonly actor: Actor;
}

/** @throws HeadgateError when the caller may not do this */
function assertReach(operation: Operation, { actor, request, response }: Asked): void {
  const name = operation.admission === undefined ? request.params.name : operation.admission.backendOf(request.url);
  if (operation.scope === 'open' || reaches(actor, scopesFor(operation, name))) return;
  if (isName(name)) note(response, { objects: objectsOf(operation, { name }) });
  throw outOfReach(actor, scopesFor(operation, name));
}

/** The caller is known, and may not do what needs one of these scopes. */
export function outOfReach({ name, scopes }: Actor, sufficient: readonly TokenScope[]): HeadgateError {
  const needed = sufficient.join(' or ');
  const detail = `This needs the scope ${needed}; the token ${name} has ${scopes.join(', ')} — use a token with the scope`;
  return new HeadgateError('HEADGATE_FORBIDDEN', detail);
}

async function readContentOf(
  { body }: Operation,
  request: Request,
  response: Response,
  limits: ContentLimits,
): Promise<unknown> {
  if (body?.optional === true && hasNoContent(request)) return undefined;
  return body === undefined ? undefined : readJson(request, response, { limits, mediaTypes: body.mediaTypes });
}

/** Content is announced by one of two fields (RFC 9112, 6.3). */
function hasNoContent({ headers }: Request): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/**
 * Aborts when any of the signals does, or when the caller has gone before its answer was complete. The signals live for
 * long, so that nothing of the request is left with them.
 */
function endOf(response: Response, signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const signal of signals) {
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  }
  response.once('close', () => {
    for (const signal of signals) signal.removeEventListener('abort', abort);
    abort();
  });
  return controller.signal;
}
