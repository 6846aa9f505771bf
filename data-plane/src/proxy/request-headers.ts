import { isCookieField } from '../affinity/cookie-pairs.ts';
import { stripCookie } from '../affinity/strip-cookie.ts';
import { fieldKind } from './field-kind.ts';
import type { ForwardedFields } from '@headgate/shared/forwarded/client-identity';
import type { PlainHead } from './message.ts';
import type { RequestFields } from './request-fields.ts';

export interface RequestHeadersInput {
  readonly head: PlainHead;
  readonly fields: RequestFields;
  /** As sent, by an absolute-form target or Host; undefined when the request names none (HTTP/1.0). */
  readonly authority: string | undefined;
  /** What trusted proxies said; undefined when the peer is none of them, and its own word counts for nothing. */
  readonly forwarded: ForwardedFields | undefined;
  /** The client as far as it can be known. */
  readonly clientAddress: string;
  readonly requestId: string;
  readonly chunked: boolean;
  readonly contentLength: number | undefined;
  readonly expectsContinue: boolean;
  readonly via: boolean;
  /** Name of a cookie that the server does not see; default none. */
  readonly strippedCookie?: string | undefined;
}

/** The name by which Via speaks of this proxy. */
export const viaName = 'headgate';

/**
 * Fields of a request as the server shall see them (RFC 9110 section 7.6): what is meant for this hop alone is removed,
 * and so is all that Connection names; what the proxy vouches for is added last, where nothing of the client's can
 * take it away.
 */
export function requestHeaders(input: RequestHeadersInput): string[] {
  const out: string[] = [];
  if (input.authority !== undefined) out.push('Host', input.authority);
  const { rawHeaders } = input.head;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (!passesOn(name, input)) continue;
    const value = withoutStripped(name, rawHeaders[index + 1]!, input.strippedCookie);
    if (value !== undefined) out.push(name, value);
  }
  addHopFields(out, input);
  addOwnFields(out, input);
  return out;
}

function passesOn(name: string, input: RequestHeadersInput): boolean {
  switch (fieldKind(name)) {
    case 'plain':
    case 'config_version':
      return !isNamed(name, input);
    case 'forwarded':
      return input.forwarded !== undefined && !isReplaced(name) && !isNamed(name, input);
    case 'trailer':
      return input.chunked;
    default:
      return false;
  }
}

/** Undefined when nothing is left of the field. */
function withoutStripped(name: string, value: string, cookie: string | undefined): string | undefined {
  return cookie !== undefined && isCookieField(name) ? stripCookie(value, cookie) : value;
}

function isNamed(name: string, input: RequestHeadersInput): boolean {
  const { named } = input.fields;
  return named?.has(name.toLowerCase()) === true;
}

/** Forwarded fields that are written anew, with what a trusted proxy said in them. */
function isReplaced(name: string): boolean {
  const lowerCase = name.toLowerCase();
  return (
    lowerCase === 'x-forwarded-for' ||
    lowerCase === 'x-forwarded-proto' ||
    lowerCase === 'x-forwarded-host' ||
    lowerCase === 'x-real-ip'
  );
}

/** Fields between this proxy and the server. `TE` has to be named by Connection (RFC 9110 section 10.1.4). */
function addHopFields(out: string[], input: RequestHeadersInput): void {
  if (input.head.upgrade) out.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  else if (input.fields.acceptsTrailers) out.push('Connection', 'TE', 'TE', 'trailers');
  if (input.expectsContinue) out.push('Expect', '100-continue');
  if (input.contentLength !== undefined) out.push('Content-Length', String(input.contentLength));
}

function addOwnFields(out: string[], input: RequestHeadersInput): void {
  const { head, forwarded } = input;
  const before = forwarded?.forwardedFor ?? '';
  out.push('X-Forwarded-For', before === '' ? head.clientAddress : `${before}, ${head.clientAddress}`);
  out.push('X-Forwarded-Proto', said(forwarded?.proto) ?? (head.encrypted ? 'https' : 'http'));
  const host = said(forwarded?.host) ?? input.authority;
  if (host !== undefined) out.push('X-Forwarded-Host', host);
  out.push('X-Real-IP', said(forwarded?.realIp) ?? input.clientAddress, 'X-Request-Id', input.requestId);
  if (input.via) out.push('Via', `${head.version} ${viaName}`);
}

function said(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
