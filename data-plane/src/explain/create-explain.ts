import type { ReadableValue } from '@headgate/shared/latest-value';
import type { ExplainQuestion } from '@headgate/shared/model/explain-question';
import type { RouteTaken } from '@headgate/shared/routing/route-decision';
import { routeRequest } from '@headgate/shared/routing/route-request';
import { RequestView } from '@headgate/shared/routing/routed-request';
import { sessionBackend } from '../affinity/session-backend.ts';
import { readRequest, type ReadRequest } from '../proxy/read-request.ts';
import { RequestBlock } from '../proxy/request-block.ts';
import { RequestContext } from '../proxy/request-context.ts';
import { originOf } from '../proxy/request-origin.ts';
import type { IsTrustedProxy } from '@headgate/shared/forwarded/trusted-proxies';
import type { CompiledBackend, ServingTable } from '../routing/serving-table.ts';
import { answerFor, explainBackend } from './explain-backend.ts';
import type { CandidateSources } from './explain-candidates.ts';
import type { ExplainedBackend, Explanation } from './explanation.ts';
import { requestHeadOf } from './request-head-of.ts';

/** Candidates of one explanation, over all backends. */
const MOST_CANDIDATES = 1_000;

export interface ExplainOptions extends CandidateSources {
  readonly table: ReadableValue<ServingTable>;
  readonly isTrustedProxy: IsTrustedProxy;
}

export type Explain = (question: ExplainQuestion) => Explanation;

/**
 * Says how a request would be served, by the code that serves requests, and changes nothing by it: no position moves, no
 * count, no queue, no cookie.
 */
export function createExplain(options: ExplainOptions): Explain {
  return (question) => {
    const table = options.table.value;
    const head = requestHeadOf(question);
    const block = new RequestBlock(head.rawHeaders);
    const read = readRequest(head, block);
    if (typeof read === 'string') return { ...table.id, answer: answerFor(read), backends: [] };
    const { isTrustedProxy } = options;
    const { clientAddress } = originOf(head, block.fields, { isTrustedProxy, createRequestId: () => '' });
    return explainRequest({ table, read, clientAddress }, options);
  };
}

interface Asked {
  readonly table: ServingTable;
  readonly read: ReadRequest;
  readonly clientAddress: string;
}

function explainRequest({ table, read, clientAddress }: Asked, options: ExplainOptions): Explanation {
  const { authority, head } = read;
  const { target } = read.target;
  const request = { method: head.method, target, authority, clientAddress };
  const view = new RequestView(head.method, target, head.rawHeaders);
  const route = routeRequest(table.hosts, authority, view);
  if (route.kind !== 'route') {
    const host = route.kind === 'no_route' ? { host: route.host } : {};
    return { ...table.id, request, answer: answerFor(route.kind), ...host, backends: [] };
  }
  const place = { ...table.id, request, host: route.host, route: route.route };
  return { ...place, backends: explainShares(route, { table, read, clientAddress, view, options }) };
}

interface Shares extends Asked {
  readonly view: RequestView;
  readonly options: ExplainOptions;
}

function explainShares(route: RouteTaken, shares: Shares): readonly ExplainedBackend[] {
  const { table, read, options } = shares;
  let most = MOST_CANDIDATES;
  return sharesOf(route, shares).map(({ name, share }) => {
    const backend = table.backends.get(name);
    if (backend === undefined) return missingBackend(name, share);
    const explained = explainBackend({ backend, context: contextFor(backend, shares), share, most }, options);
    most -= explained.candidates.length;
    const { requestBodyBytes } = backend.settings.limits;
    const isTooLarge = requestBodyBytes > 0 && (read.framing.contentLength ?? 0) > requestBodyBytes;
    return isTooLarge ? { ...explained, pick: { answer: answerFor('request_too_large') } } : explained;
  });
}

function contextFor({ affinity }: CompiledBackend, { read, clientAddress, view }: Shares): RequestContext {
  const { authority, head } = read;
  const { rawHeaders } = head;
  const sessionValue = affinity?.read(rawHeaders);
  return new RequestContext({ clientAddress, authority, request: view, rawHeaders, sessionValue });
}

interface Share {
  readonly name: string;
  /** From 0 to 1. */
  readonly share: number;
}

/** A session with one of several backends takes the whole. */
function sharesOf(route: RouteTaken, { table, read }: Shares): readonly Share[] {
  if (route.backend !== undefined) return [{ name: route.backend, share: 1 }];
  const { backends } = route;
  const bound = sessionBackend(backends, (name) => table.backends.get(name), read.head.rawHeaders)?.settings.name;
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  return backends.map(({ name, weight }) => {
    return { name, share: bound === undefined ? weight / total : name === bound ? 1 : 0 };
  });
}

/** Snapshots are checked, so that this is never seen; traffic would be answered so. */
function missingBackend(backend: string, share: number): ExplainedBackend {
  const place = { backend, share, algorithm: '', failsOpen: false };
  const pick = { answer: answerFor('no_servers') };
  return { ...place, session: { decision: 'none' }, pick, candidates: [], moreCandidates: 0 };
}
