import { namedByConnection, hasOption } from './connection-options.ts';
import { fieldKind } from './field-kind.ts';
import type { HttpVersion } from './message.ts';
import { viaName } from './request-headers.ts';
import { versionField } from './version-field.ts';

export interface ResponseHeadersInput {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  /** Of the server's answer. */
  readonly version: HttpVersion;
  /** Of the request. */
  readonly method: string;
  readonly clientVersion: HttpVersion;
  readonly requestId: string;
  /** Said in Headgate-Version, in place of what the server says there; undefined when nothing is. */
  readonly shownVersion?: number | undefined;
  readonly via: boolean;
  /** Set-Cookie of the session; undefined when none is needed. */
  readonly sessionCookie?: string | undefined;
}

/**
 * Fields of an answer as the client shall see them (RFC 9110 section 7.6). Transfer-Encoding is left to the engine;
 * Content-Length goes where it may not stand (section 8.6).
 */
export function responseHeaders(input: ResponseHeadersInput): string[] {
  const { status, rawHeaders } = input;
  const named = namedByConnection(valuesOfKind(rawHeaders, 'connection'));
  const out: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (passesOn(name, input) && named?.has(name.toLowerCase()) !== true) out.push(name, rawHeaders[index + 1]!);
  }
  if (status === 101) out.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
  out.push('X-Request-Id', input.requestId);
  if (input.shownVersion !== undefined) out.push(versionField, String(input.shownVersion));
  // Behind a cookie of that name that the server may have set: browsers keep the last one.
  if (input.sessionCookie !== undefined) out.push('Set-Cookie', input.sessionCookie);
  if (input.via) out.push('Via', `${input.version} ${viaName}`);
  return out;
}

function passesOn(name: string, input: ResponseHeadersInput): boolean {
  switch (fieldKind(name)) {
    case 'plain':
    case 'forwarded':
    case 'alias':
    case 'host':
    case 'expect':
      return true;
    case 'config_version':
      return input.shownVersion === undefined;
    case 'content_length':
      return input.status >= 200 && input.status !== 204;
    case 'trailer':
      return announcesTrailers(input);
    default:
      return false;
  }
}

/** Trailers can follow only where the client gets chunks. */
function announcesTrailers(input: ResponseHeadersInput): boolean {
  const { status, method, clientVersion, rawHeaders } = input;
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD' || clientVersion === '1.0') return false;
  return valuesOfKind(rawHeaders, 'transfer_encoding').length > 0;
}

/**
 * Why an answer cannot be passed on as it stands, as words for the log; undefined when it can. What would leave the end
 * of its content in doubt is never mended (RFC 9112 section 6.3).
 */
export function answerFault(
  answer: Pick<ResponseHeadersInput, 'status' | 'rawHeaders' | 'version'>,
): string | undefined {
  if (answer.status < 200 || answer.status > 599) return 'status out of range';
  const codings = valuesOfKind(answer.rawHeaders, 'transfer_encoding');
  const lengths = valuesOfKind(answer.rawHeaders, 'content_length');
  if (codings.length > 0) {
    if (lengths.length > 0) return 'Content-Length beside Transfer-Encoding';
    if (answer.version === '1.0') return 'Transfer-Encoding in HTTP/1.0';
    if (codings.length > 1 || codings[0]!.toLowerCase() !== 'chunked') return 'Transfer-Encoding is not chunked';
  }
  if (lengths.length > 1 || (lengths.length === 1 && !/^\d{1,15}$/.test(lengths[0]!)))
    return 'Content-Length is no number';
  return undefined;
}

/** Whether a 101 opens what was asked for (RFC 6455 section 4.1). */
export function opensWebSocket(rawHeaders: readonly string[]): boolean {
  const upgrades = valuesOfKind(rawHeaders, 'upgrade');
  const isSaid = valuesOfKind(rawHeaders, 'connection').some((value) => hasOption(value, 'upgrade'));
  return isSaid && upgrades.length === 1 && upgrades[0]!.toLowerCase() === 'websocket';
}

function valuesOfKind(rawHeaders: readonly string[], kind: string): readonly string[] {
  let values: string[] | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (fieldKind(rawHeaders[index]!) !== kind) continue;
    values ??= [];
    values.push(rawHeaders[index + 1]!);
  }
  return values ?? none;
}

const none: readonly string[] = [];
