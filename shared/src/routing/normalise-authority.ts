import { canonicalAddress } from '../model/address.ts';

const MAX_NAME = 253;
const MAX_LABEL = 63;
/** A name, a trailing dot, a colon and a port. */
const MAX_AUTHORITY = MAX_NAME + 7;

const DOT = 0x2e;
const COLON = 0x3a;
const BRACKET = 0x5b;

const REFUSED = 0;
const UPPER_CASE = 2;
/** What a UTF-16 unit below 256 is inside a name: refused, as it should be, or an upper-case letter. */
const units = new Uint8Array(256);
for (const unit of 'abcdefghijklmnopqrstuvwxyz0123456789-_') units[unit.charCodeAt(0)] = 1;
for (const unit of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') units[unit.charCodeAt(0)] = UPPER_CASE;

/**
 * The one spelling of what a request names as its host (Host field or the authority of an absolute-form target,
 * RFC 9110 section 7.2): lower case, without port and one trailing dot, IPv6 compressed and in brackets.
 * Undefined when it is no host: empty, with spaces, commas, userinfo, a path, a port beyond 65535, or anything else that
 * stands in no DNS name. The result is spelled as `normaliseHostPattern` spells exact patterns.
 *
 * It runs for every request: a name that is already in its one spelling is returned as it is.
 */
export function normaliseAuthority(hostHeader: string): string | undefined {
  if (hostHeader.length > MAX_AUTHORITY) return undefined;
  if (hostHeader.charCodeAt(0) === BRACKET) return normaliseLiteral(hostHeader);
  let upperCase = false;
  let label = 0;
  let end = 0;
  for (; end < hostHeader.length; end++) {
    const unit = hostHeader.charCodeAt(end);
    if (unit === COLON) break;
    if (unit === DOT) {
      if (label === 0) return undefined;
      label = 0;
      continue;
    }
    const meaning = units[unit] ?? REFUSED;
    if (meaning === REFUSED || ++label > MAX_LABEL) return undefined;
    if (meaning === UPPER_CASE) upperCase = true;
  }
  if (end < hostHeader.length && !isPort(hostHeader, end + 1)) return undefined;
  if (label === 0) end--; // one trailing dot, or nothing at all
  if (end < 1 || end > MAX_NAME) return undefined;
  const name = end === hostHeader.length ? hostHeader : hostHeader.slice(0, end);
  return upperCase ? name.toLowerCase() : name;
}

/** `[::1]:8080`; IPv4-mapped addresses become IPv4, as patterns do. */
function normaliseLiteral(text: string): string | undefined {
  const close = text.indexOf(']');
  if (close === -1) return undefined;
  if (close + 1 < text.length && (text.charCodeAt(close + 1) !== COLON || !isPort(text, close + 2))) return undefined;
  const address = canonicalAddress(text.slice(0, close + 1));
  if (address === undefined) return undefined;
  return address.includes(':') ? `[${address}]` : address;
}

/** Whether the rest is a port; RFC 3986 section 3.2.3 allows an empty one. */
function isPort(text: string, start: number): boolean {
  let port = 0;
  for (let index = start; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
    if (port > 65_535) return false;
  }
  return true;
}
