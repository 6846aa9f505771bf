import { HeadgateError } from '@headgate/shared/error';
import type { Logger } from '@headgate/shared/logger';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { RefusedRequest } from '../access/audit-log.ts';
import { tokenScope } from '../access/token-scope.ts';
import { failureWordsOf, operationIdOf, refusalOf } from './audited.ts';
import type { Operation } from './operation.ts';
import { inWords } from './in-words.ts';
import { sendReply } from './reply.ts';
import { assertHost } from './request/assert-host.ts';
import { discardRest } from './request/discard-rest.ts';
import { refuseCrossSite } from './security/cross-site.ts';
import { refuseForeignHost } from './security/foreign-host.ts';
import { reaches } from './scope.ts';
import { identify, outOfReach, serveOperation, type Service } from './serve-operation.ts';
import { translateError } from './translate-error.ts';

/** Stands for an answer that nobody waited for. */
const CALLER_GONE = 499;

export interface ApiAppOptions extends Service {
  readonly operations: readonly Operation[];
  /** Serve requests for loopback names alone. */
  readonly loopbackOnly: boolean;
  readonly log: Logger;
  /** How much of a refused request is read and dropped before its connection is cut, in bytes. */
  readonly maxDiscardedBytes: number;
  /** Told of every request that was answered, or that ended before. */
  readonly onAnswer: (answer: Answer) => void;
  /** Told of every request that was refused, for the audit log. */
  readonly onRefusal: (refusal: RefusedRequest) => void;
}

export interface Answer {
  /** `none` where no operation was found. */
  readonly operation: string;
  readonly status: number;
  readonly method: string;
  readonly durationMs: number;
}

/**
 * The operations behind what holds for all of them. In order: headers of every answer, whose request it is (Host, site),
 * the operation with its token, parameters and content; then unknown methods and paths; then failures.
 */
export function createApiApp(options: ApiAppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').disable('query parser');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(observe(options), guard(options));
  for (const operation of options.operations) mount(app, operation, options);
  for (const [path, methods] of methodsByPath(options.operations))
    app.all(routeOf(path), refuseMethod(methods, options));
  app.use(refusePath(options), answerFailure(options));
  return app;
}

function observe({ onAnswer, closing, contentLimits: { clock } }: ApiAppOptions): RequestHandler {
  return (request, response, next) => {
    const start = clock.monotonic();
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    if (closing.aborted) response.set('Connection', 'close');
    response.once('close', () => {
      const operation = operationIdOf(response);
      const { method } = request;
      const status = response.headersSent ? response.statusCode : CALLER_GONE;
      onAnswer({ operation, status, method, durationMs: clock.monotonic() - start });
    });
    next();
  };
}

function guard({ loopbackOnly }: ApiAppOptions): RequestHandler {
  return (request, _response, next) => {
    assertHost(request);
    refuseCrossSite(request.headers);
    if (loopbackOnly) refuseForeignHost(request.headers);
    next();
  };
}

function mount(app: Express, operation: Operation, service: Service): void {
  app[operation.method](routeOf(operation.path), async (request, response) => {
    await serveOperation(operation, { request, response, service });
  });
}

/** `/backends/:name` of `/backends/{name}`. */
function routeOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function methodsByPath(operations: readonly Operation[]): ReadonlyMap<string, readonly string[]> {
  const paths = Map.groupBy(operations, ({ path }) => path);
  return new Map([...paths].map(([path, found]) => [path, found.flatMap(({ method }) => withHead(method))]));
}

function withHead(method: string): readonly string[] {
  return method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
}

/** What exists is told to those alone who may ask. */
function refuseMethod(methods: readonly string[], service: Service): RequestHandler {
  return (request, response) => {
    assertReader({ request, response, service });
    const allowed = methods.join(', ');
    response.set('Allow', allowed);
    throw new HeadgateError('HEADGATE_METHOD_NOT_ALLOWED', `${request.method} is not known here — use ${allowed}`);
  };
}

function refusePath(service: Service): RequestHandler {
  return (request, response) => {
    assertReader({ request, response, service });
    throw new HeadgateError('HEADGATE_NOT_FOUND', 'There is no such path — GET /openapi.json lists them all');
  };
}

/** @throws HeadgateError for strangers, and for tokens that may not read. */
function assertReader(exchange: Parameters<typeof identify>[1]): void {
  const actor = identify({ scope: 'read', method: 'get' }, exchange);
  const needed = [tokenScope('read')];
  if (!reaches(actor, needed)) throw outOfReach(actor, needed);
}

function answerFailure({ log, maxDiscardedBytes, onRefusal }: ApiAppOptions): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const reply = inWords(failureWordsOf(response), translateError(error, log));
    const refusal = error instanceof HeadgateError ? refusalOf(request, response, error.code) : undefined;
    if (refusal !== undefined) onRefusal(refusal);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    discardRest(request, maxDiscardedBytes);
    void sendReply(response, reply); // no failure is a stream
  };
}
