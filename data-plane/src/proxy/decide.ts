import type { ReadableValue } from '@headgate/shared/latest-value';
import { normaliseAuthority } from '@headgate/shared/routing/normalise-authority';
import { routeRequest } from '@headgate/shared/routing/route-request';
import type { CompiledBackend, ServingTable } from '../routing/serving-table.ts';
import type { ServerSlot, ServerSlots } from '../upstream/server-slots.ts';
import { clientAddressBehind, readForwardedFields, type ForwardedFields } from './client-identity.ts';
import { AccountedExchange, ForwardedExchange, type Accounting, type RequestFacts } from './exchange.ts';
import type { AnswerDecision, Decide, Decision, Refuse, RequestHead } from './forwarder.ts';
import { ownAnswer, type OwnReason } from './own-answer.ts';
import { RequestContext } from './request-context.ts';
import {
  expectsContinue,
  readFraming,
  readRequestFields,
  type RequestFields,
  type RequestFraming,
} from './request-fields.ts';
import { requestHeaders } from './request-headers.ts';
import { isRequestId, type CreateRequestId } from './request-id.ts';
import { readTarget, type RequestTarget } from './request-target.ts';
import type { IsTrustedProxy } from './trusted-proxies.ts';

export interface DecideOptions extends Accounting {
  /** Read once for each request. */
  readonly table: ReadableValue<ServingTable>;
  readonly slots: ServerSlots;
  /** Aborts when a removed server's drain time is over. */
  readonly cutSignal: (server: ServerSlot) => AbortSignal;
  readonly isTrustedProxy: IsTrustedProxy;
  readonly createRequestId: CreateRequestId;
}

/** A request that has been read and found right. */
interface ReadRequest {
  readonly head: RequestHead;
  readonly fields: RequestFields;
  readonly framing: RequestFraming;
  readonly expectsContinue: boolean;
  readonly target: RequestTarget;
  /** As sent; undefined when the request names none (HTTP/1.0). */
  readonly sentAuthority: string | undefined;
  /** Normalised, "" for none. */
  readonly authority: string;
}

/** Who asks, as far as it can be known. */
interface Origin {
  readonly forwarded: ForwardedFields | undefined;
  readonly clientAddress: string;
  readonly requestId: string;
}

/**
 * Decides about requests: reads the table once, refuses what is ambiguous, routes, and rewrites the fields.
 * Pure but for the counting; waits for nothing.
 */
export function createDecide(options: DecideOptions): Decide {
  return (head) => {
    const table = options.table.value;
    const fields = readRequestFields(head.rawHeaders);
    const origin = originOf(head, fields, options);
    const read = readRequest(head, fields);
    if (typeof read === 'string') return answer(read, { head, origin, table, authority: '', options });
    const route = routeRequest(table.hosts, read.authority, read.target.target);
    const { authority } = read;
    if (route.kind !== 'route') return answer(route.kind, { head, origin, table, authority, options });
    const backend = table.backends.get(route.backend);
    if (backend === undefined) return answer('no_servers', { head, origin, table, authority, options });
    const { requestBodyBytes } = backend.settings;
    if (requestBodyBytes > 0 && (read.framing.contentLength ?? 0) > requestBodyBytes) {
      return answer('request_too_large', { head, origin, table, authority, options });
    }
    return forward(read, { origin, table, backend, options });
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

/** What can be read from a head alone, or why it is refused. */
function readRequest(head: RequestHead, fields: RequestFields): ReadRequest | OwnReason {
  // Neither is forwarded: CONNECT would make this an open relay, TRACE shows fields that the proxy has added.
  if (head.method === 'CONNECT' || head.method === 'TRACE') return 'method_not_allowed';
  const framing = readFraming(fields, head.version);
  if (typeof framing === 'string') return framing;
  const target = readTarget(head.method, head.target);
  if (target === undefined) return 'invalid_target';
  const host = readHost(fields, head);
  if (host.fault !== undefined) return host.fault;
  const sentAuthority = target.authority ?? host.sent;
  const authority = sentAuthority === undefined ? '' : normaliseAuthority(sentAuthority);
  if (authority === undefined) return 'invalid_host';
  const expects = expectsContinue(fields, head.version);
  if (typeof expects === 'string') return expects;
  return { head, fields, framing, expectsContinue: expects && hasContent(framing), target, sentAuthority, authority };
}

interface HostRead {
  readonly sent?: string;
  readonly fault?: OwnReason;
}

const noHost: HostRead = {};

/** Exactly one valid Host; HTTP/1.0 may do without (RFC 9112 section 3.2). It must be right even when it does not count. */
function readHost(fields: RequestFields, head: RequestHead): HostRead {
  const { hosts } = fields;
  if (hosts.length === 0) return head.version === '1.0' ? noHost : { fault: 'missing_host' };
  if (hosts.length > 1) return { fault: 'several_hosts' };
  const sent = hosts[0]!;
  return normaliseAuthority(sent) === undefined ? { fault: 'invalid_host' } : { sent };
}

function hasContent(framing: RequestFraming): boolean {
  return framing.chunked || (framing.contentLength ?? 0) > 0;
}

function originOf(head: RequestHead, fields: RequestFields, options: DecideOptions): Origin {
  const { isTrustedProxy, createRequestId } = options;
  if (!isTrustedProxy(head.clientAddress)) {
    return { forwarded: undefined, clientAddress: head.clientAddress, requestId: createRequestId() };
  }
  const forwarded = readForwardedFields(head.rawHeaders);
  return {
    forwarded,
    clientAddress: clientAddressBehind(head.clientAddress, forwarded, isTrustedProxy),
    requestId: isRequestId(fields.requestId) ? fields.requestId : createRequestId(),
  };
}

interface AnswerInput {
  readonly head: RequestHead;
  readonly origin: Origin;
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
  readonly origin: Origin;
  readonly table: ServingTable;
  readonly backend: CompiledBackend;
  readonly options: DecideOptions;
}

function forward(read: ReadRequest, { origin, table, backend, options }: ForwardInput): Decision {
  const { head, authority } = read;
  const { target } = read.target;
  const { clientAddress } = origin;
  const exchange = new ForwardedExchange(options, factsOf({ head, origin, table, authority }), {
    backend,
    slots: options.slots,
    cutSignal: options.cutSignal,
    context: new RequestContext({ clientAddress, authority, target, rawHeaders: head.rawHeaders }),
    clientVersion: head.version,
    target,
    requestHeaders: headersFor(read, origin, backend),
  });
  return { kind: 'forward', exchange };
}

function headersFor(read: ReadRequest, origin: Origin, backend: CompiledBackend): string[] {
  return requestHeaders({
    head: read.head,
    fields: read.fields,
    authority: read.sentAuthority,
    forwarded: origin.forwarded,
    clientAddress: origin.clientAddress,
    requestId: origin.requestId,
    chunked: read.framing.chunked,
    contentLength: read.framing.contentLength,
    expectsContinue: read.expectsContinue,
    via: backend.settings.via,
  });
}
