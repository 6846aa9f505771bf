import type { ReadableValue } from '@headgate/shared/latest-value';
import { routeRequest } from '@headgate/shared/routing/route-request';
import { RequestView, type RoutedRequest } from '@headgate/shared/routing/routed-request';
import type { ServerObserver } from '../health/server-observer.ts';
import type { CompiledBackend, ServingTable } from '../routing/serving-table.ts';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import { AccountedExchange, type Accounting, type RequestFacts } from './accounted-exchange.ts';
import { backendFor } from './backend-for.ts';
import { ForwardedExchange } from './forwarded-exchange.ts';
import type { AnswerDecision, Decide, Decision, Refuse, RequestHead } from './forwarder.ts';
import { ownAnswer, type OwnReason } from './own-answer.ts';
import { RequestContext } from './request-context.ts';
import { readRequest, type ReadRequest } from './read-request.ts';
import type { PreparedFields } from './prepared-fields.ts';
import { RequestBlock } from './request-block.ts';
import type { CreateRequestId } from './request-id.ts';
import { cameOverTls, originOf, type RequestOrigin } from './request-origin.ts';
import { isIdempotent } from './retry-refusal.ts';
import type { IsTrustedProxy } from '@headgate/shared/forwarded/trusted-proxies';

export interface DecideOptions extends Accounting {
  /** Read once for each request. */
  readonly table: ReadableValue<ServingTable>;
  readonly slots: ServerSlots;
  /** Aborts when a removed server's drain time is over. */
  readonly cutSignal: (server: ServerSlot) => AbortSignal;
  /** Told how attempts at servers ended. Default: nobody. */
  readonly observer?: ServerObserver | undefined;
  readonly isTrustedProxy: IsTrustedProxy;
  readonly createRequestId: CreateRequestId;
  /** From 0 to below 1, for routes with several backends. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Decides about requests: reads the table once, refuses what is ambiguous, routes, and rewrites the fields.
 * Pure but for the counting; waits for nothing.
 */
export function createDecide(options: DecideOptions): Decide {
  return (head) => {
    const table = options.table.value;
    const block = head.block ?? new RequestBlock(head.rawHeaders);
    const origin = originOf(head, block.fields, options);
    const read = readRequest(head, block);
    if (typeof read === 'string') return answer(read, { head, origin, table, authority: '', options });
    const { authority } = read;
    const view = new RequestView(head.method, read.target.target, head.rawHeaders);
    const route = routeRequest(table.hosts, authority, view);
    if (route.kind !== 'route') return answer(route.kind, { head, origin, table, authority, options });
    const { random = Math.random } = options;
    const backend = backendFor(route, { table, rawHeaders: head.rawHeaders, random });
    if (backend === undefined) return answer('no_servers', { head, origin, table, authority, options });
    const { requestBodyBytes } = backend.settings.limits;
    if (requestBodyBytes > 0 && (read.framing.contentLength ?? 0) > requestBodyBytes) {
      return answer('request_too_large', { head, origin, table, authority, options });
    }
    return forward(read, { block, origin, table, backend, request: view, options });
  };
}

/** Counts and logs what an engine refuses by itself. */
export function createRefuse(options: Accounting & Pick<DecideOptions, 'table' | 'createRequestId'>): Refuse {
  return (refused) => {
    const exchange = new AccountedExchange(options, {
      requestId: options.createRequestId(),
      snapshot: options.table.value.id,
      clientAddress: refused.clientAddress,
      method: refused.method,
      authority: '',
      target: refused.target,
    });
    return { kind: 'answer', answer: refused.answer, exchange };
  };
}

interface AnswerInput {
  readonly head: RequestHead;
  readonly origin: RequestOrigin;
  readonly table: ServingTable;
  readonly authority: string;
  readonly options: DecideOptions;
}

function answer(reason: OwnReason, input: AnswerInput): AnswerDecision {
  return { kind: 'answer', answer: ownAnswer(reason), exchange: new AccountedExchange(input.options, factsOf(input)) };
}

function factsOf(input: Pick<AnswerInput, 'head' | 'origin' | 'table' | 'authority'>): RequestFacts {
  const { head, origin, table, authority } = input;
  return {
    requestId: origin.requestId,
    snapshot: table.id,
    clientAddress: origin.clientAddress,
    method: head.method,
    authority,
    target: head.target,
  };
}

interface ForwardInput {
  readonly block: RequestBlock;
  readonly origin: RequestOrigin;
  readonly table: ServingTable;
  readonly backend: CompiledBackend;
  readonly request: RoutedRequest;
  readonly options: DecideOptions;
}

function forward(read: ReadRequest, input: ForwardInput): Decision {
  const { origin, table, backend, request, options } = input;
  const { head, authority } = read;
  const { rawHeaders } = head;
  const { affinity } = backend;
  const { target } = read.target;
  const { clientAddress } = origin;
  const exchange = new ForwardedExchange(options, factsOf({ head, origin, table, authority }), {
    backend,
    table: options.table,
    slots: options.slots,
    mayReplay: isIdempotent(head.method),
    observer: options.observer,
    cutSignal: options.cutSignal,
    context: new RequestContext({
      clientAddress,
      authority,
      request,
      rawHeaders,
      sessionValue: affinity?.read(rawHeaders),
    }),
    clientVersion: head.version,
    overTls: cameOverTls(head, origin),
    target,
    hasHost: read.sentAuthority !== undefined,
    fields: fieldsFor(read, input),
  });
  return { kind: 'forward', exchange };
}

function fieldsFor(read: ReadRequest, { block, origin, backend }: ForwardInput): PreparedFields {
  const { settings } = backend;
  const { session } = settings;
  const input = {
    head: read.head,
    fields: read.fields,
    authority: read.sentAuthority,
    forwarded: origin.forwarded,
    clientAddress: origin.clientAddress,
    requestId: '',
    chunked: read.framing.chunked,
    contentLength: read.framing.contentLength,
    expectsContinue: read.expectsContinue,
    via: settings.via,
    strippedCookie: session?.strip === true ? session.cookie : undefined,
  };
  return block.prepare(input, settings);
}
