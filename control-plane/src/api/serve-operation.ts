import { HeadgateError } from '@headgate/shared/error';
import type { Request, Response } from 'express';
import type { Operation } from './operation.ts';
import { sendReply } from './reply.ts';
import type { ContentLimits } from './request/read-content.ts';
import { readJson } from './request/read-json.ts';
import { readParameters } from './request/read-parameters.ts';
import { reaches, type Actor, type Scope } from './scope.ts';
import type { Authenticate } from './security/bearer-token.ts';

export interface Service {
  readonly authenticate: Authenticate;
  readonly contentLimits: ContentLimits;
  /** Aborts when the server begins to close. */
  readonly closing: AbortSignal;
}

const anyone: Actor = { name: 'anyone', scope: 'open' };

/** The way of every request through its operation: who asks, for what, with what content; then the answer. */
export async function serveOperation(
  operation: Operation,
  { request, response, service }: { readonly request: Request; readonly response: Response; readonly service: Service },
): Promise<void> {
  const actor = authorise(request, operation.scope, service.authenticate);
  const parameters = readParameters(operation, {
    params: { ...request.params },
    target: request.url,
    headers: request.headers,
  });
  const body = await readContentOf(operation, request, response, service.contentLimits);
  const signal = AbortSignal.any([service.closing, goneSignal(response)]);
  sendReply(response, await operation.handle({ ...parameters, body, actor, signal }));
}

/** @throws HeadgateError when the caller is nobody, or may not do this */
export function authorise(request: Request, scope: Scope, authenticate: Authenticate): Actor {
  if (scope === 'open') return anyone;
  const actor = authenticate(request.headers.authorization);
  if (reaches(actor.scope, scope)) return actor;
  throw new HeadgateError('HEADGATE_FORBIDDEN', `The token's scope is ${actor.scope}, and this needs ${scope}`);
}

async function readContentOf(
  { body }: Operation,
  request: Request,
  response: Response,
  limits: ContentLimits,
): Promise<unknown> {
  return body === undefined ? undefined : readJson(request, response, { limits, mediaTypes: body.mediaTypes });
}

/** Aborts when the caller has gone before its answer was complete. */
function goneSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
