import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode } from '@headgate/shared/error';
import { z } from 'zod';
import type { AuditOrigin } from '../store/access-store.ts';
import type { Problem } from './problem.ts';
import type { Reply } from './reply.ts';
import type { Actor, Scope } from './scope.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A success answer, as OpenAPI shows it. */
export interface AnswerDefinition {
  readonly description: string;
  /** Absent: no content. */
  readonly schema?: z.ZodType;
  /** Default application/json. */
  readonly contentType?: string;
  /** Header names with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Like `headers`; not every answer of this status has them. */
  readonly optionalHeaders?: Readonly<Record<string, string>>;
}

export interface BodyDefinition {
  /** Shown by OpenAPI. The operation checks the content itself, with the cross-checks that a schema cannot say. */
  readonly schema: z.ZodType;
  /** What the schema does not say. */
  readonly description?: string | undefined;
  readonly mediaTypes: readonly string[];
  /** There may be none: the operation then gets undefined. */
  readonly optional?: boolean;
}

/** A request as whoever admits it sees it. */
export interface Caller {
  /** The address that it came from. */
  readonly remote: string;
  /** The request target, with the query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** How an operation lets callers in whose path names no backend, or who show no token. */
export interface Admission {
  /** The backend that it is about; undefined when that is said nowhere. */
  backendOf(target: string): string | undefined;
  /** Who asks without a token; undefined: one is needed. */
  admit(caller: Caller): Actor | undefined;
}

/** Failures in the words of an older interface, as JSON. */
export interface FailureWords {
  readonly schema: z.ZodType;
  say(problem: Problem): unknown;
}

const nothing = z.strictObject({});
type Nothing = typeof nothing;
/** Headers that no operation names are none of its business. */
const anyHeaders = z.object({});

/** A request whose parameters are valid. */
export interface OperationRequest<P, Q, H> {
  /** Of the path. */
  readonly params: P;
  readonly query: Q;
  /** Those that the operation names, keys in lower case. */
  readonly headers: H;
  /** Parsed JSON, undefined where the operation takes none. */
  readonly body: unknown;
  readonly actor: Actor;
  /** Which request it is, for the audit log. */
  readonly origin: AuditOrigin;
  /** Aborts when the caller has gone, its token is revoked or expires, or the server closes. */
  readonly signal: AbortSignal;
}

/** One method of one resource: the skeleton that every file in `operations/` fills. */
export interface OperationDefinition<P extends z.ZodType, Q extends z.ZodType, H extends z.ZodType> {
  readonly operationId: string;
  readonly method: Method;
  /** With parameters in braces, as OpenAPI writes them: `/api/v1/backends/{name}`. */
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  readonly scope: Scope;
  /** It touches the backend `{name}` of its path, with its servers, and nothing else: a token for that backend suffices. */
  readonly ofBackend?: boolean;
  /** It is about registered servers of that backend alone: a token for registering them suffices. */
  readonly registers?: boolean;
  readonly admission?: Admission;
  readonly params?: P;
  readonly query?: Q;
  readonly headers?: H;
  readonly body?: BodyDefinition;
  readonly answers: Readonly<Record<number, AnswerDefinition>>;
  /** Failures of its own; those of every operation of its kind are added. */
  readonly errors?: readonly ErrorCode[];
  /** Default: problem documents. */
  readonly failureWords?: FailureWords;
  handle(request: OperationRequest<z.output<P>, z.output<Q>, z.output<H>>): Promise<Reply> | Reply;
}

export type Operation = OperationDefinition<z.ZodObject, z.ZodObject, z.ZodObject> &
  Required<Pick<OperationDefinition<z.ZodObject, z.ZodObject, z.ZodObject>, 'params' | 'query' | 'headers' | 'errors'>>;

/** Completes a definition; what it leaves out is empty, and anything sent there is refused. */
export function defineOperation<
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  H extends z.ZodObject = Nothing,
>(definition: OperationDefinition<P, Q, H>): Operation {
  return { params: nothing, query: nothing, headers: anyHeaders, errors: [], ...definition };
}
