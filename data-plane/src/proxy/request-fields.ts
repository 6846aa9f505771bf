import { fieldKind } from './field-kind.ts';
import type { HttpVersion, PlainHead } from './message.ts';
import { hasOption, namedByConnection } from './connection-options.ts';
import type { OwnReason } from './own-answer.ts';
import { trimSpace } from './trim-space.ts';

/** What the proxy itself reads from the fields of a request, gathered in one pass. */
export interface RequestFields {
  /** Every Host as sent. */
  readonly hosts: readonly string[];
  readonly contentLengths: readonly string[];
  readonly transferEncodings: readonly string[];
  readonly expectations: readonly string[];
  /** Names of fields that end here because Connection says so, in lower case. */
  readonly named: ReadonlySet<string> | undefined;
  readonly acceptsTrailers: boolean;
  /** X-Request-Id as sent, "" when there is none. */
  readonly requestId: string;
}

interface Draft {
  hosts: string[];
  contentLengths: string[];
  transferEncodings: string[];
  expectations: string[];
  connections: string[];
  acceptsTrailers: boolean;
  requestId: string;
}

/** Reads the fields of a request. Says nothing about whether they are right. */
export function readRequestFields(rawHeaders: readonly string[]): RequestFields {
  const draft: Draft = {
    hosts: [],
    contentLengths: [],
    transferEncodings: [],
    expectations: [],
    connections: [],
    acceptsTrailers: false,
    requestId: '',
  };
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    readField(draft, rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  return { ...draft, named: namedByConnection(draft.connections) };
}

function readField(draft: Draft, name: string, value: string): void {
  switch (fieldKind(name)) {
    case 'host':
      draft.hosts.push(value);
      break;
    case 'content_length':
      draft.contentLengths.push(value);
      break;
    case 'transfer_encoding':
      draft.transferEncodings.push(value);
      break;
    case 'expect':
      draft.expectations.push(value);
      break;
    case 'connection':
      draft.connections.push(value);
      break;
    case 'te':
      draft.acceptsTrailers ||= hasOption(value.replace(/;[^,]*/g, ''), 'trailers');
      break;
    case 'request_id':
      draft.requestId = value;
      break;
    default:
  }
}

/** Where the content of a request ends. */
export interface RequestFraming {
  readonly chunked: boolean;
  /** Undefined when it is in chunks or there is none. */
  readonly contentLength: number | undefined;
}

/**
 * How the end of the content is told, or why that cannot be trusted (RFC 9112 section 6). Anything that two readers
 * could read differently is refused, never mended.
 */
export function readFraming(fields: RequestFields, version: HttpVersion): RequestFraming | OwnReason {
  const { contentLengths, transferEncodings } = fields;
  if (transferEncodings.length > 0) {
    if (contentLengths.length > 0 || version === '1.0') return 'invalid_framing';
    return codingFault(transferEncodings) ?? { chunked: true, contentLength: undefined };
  }
  if (contentLengths.length === 0) return noContent;
  if (contentLengths.length > 1 || !/^\d{1,15}$/.test(contentLengths[0]!)) return 'invalid_framing';
  return { chunked: false, contentLength: Number(contentLengths[0]) };
}

const noContent: RequestFraming = { chunked: false, contentLength: undefined };

function codingFault(codings: readonly string[]): OwnReason | undefined {
  const list = codings.join(',').toLowerCase().split(',').map(trimSpace);
  const last = list.at(-1);
  if (list.length === 1 && last === 'chunked') return undefined;
  const known = last !== 'chunked' || list.slice(0, -1).some((coding) => coding === '' || coding === 'chunked');
  return known ? 'invalid_framing' : 'transfer_coding_not_supported';
}

/** `100-continue` is the one expectation there is, and HTTP/1.0 has none (RFC 9110 section 10.1.1). */
export function expectsContinue(fields: RequestFields, version: HttpVersion): boolean | OwnReason {
  if (fields.expectations.length === 0 || version === '1.0') return false;
  const known = fields.expectations.length === 1 && fields.expectations[0]!.toLowerCase() === '100-continue';
  return known ? true : 'expectation_failed';
}

/** Whether a request head asks for a WebSocket: GET, HTTP/1.1, no content, and both fields of RFC 6455 section 4.1. */
export function asksForWebSocket(request: Pick<PlainHead, 'method' | 'version' | 'rawHeaders'>): boolean {
  if (request.method !== 'GET' || request.version !== '1.1') return false;
  let [upgrade, connection] = [false, false];
  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const kind = fieldKind(rawHeaders[index]!);
    const value = rawHeaders[index + 1]!;
    if (kind === 'upgrade') upgrade ||= hasOption(value, 'websocket');
    else if (kind === 'connection') connection ||= hasOption(value, 'upgrade');
    else if (kind === 'transfer_encoding' || (kind === 'content_length' && value !== '0')) return false;
  }
  return upgrade && connection;
}
