import { isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';
import { canonicalAddress } from './address.ts';

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** Longer than any name with wildcard, dot and port, also before IDNA. */
const MAX_LENGTH = 300;

/**
 * The one spelling of a host pattern: lower case, IDNA in ASCII, without port and trailing dot.
 * Exact names, IP literals (IPv6 in brackets), `*.example.com` and `*`. Undefined when it is none of them.
 */
export function normaliseHostPattern(text: string): string | undefined {
  if (text === '*') return text;
  if (text.length > MAX_LENGTH) return undefined; // IDNA takes quadratic time
  if (text.startsWith('*.')) {
    const parent = normaliseName(text.slice(2));
    return parent === undefined || isIPv4(parent) ? undefined : `*.${parent}`;
  }
  if (text.startsWith('[')) {
    const literal = /^\[[^\]]*\]$/.exec(withoutPort(text));
    const address = literal === null ? undefined : canonicalAddress(literal[0]);
    return address === undefined ? undefined : address.includes(':') ? `[${address}]` : address;
  }
  return normaliseName(text);
}

function normaliseName(text: string): string | undefined {
  const name = withoutPort(text).replace(/\.$/, '');
  if (name === '' || /[\s/?#@%\\:]/.test(name)) return undefined;
  const ascii = domainToASCII(name);
  if (isIPv4(ascii)) return ascii === name ? ascii : undefined; // 0x7f.1 and its kin
  if (ascii.length > 253 || !ascii.split('.').every((label) => LABEL.test(label))) return undefined;
  return ascii;
}

function withoutPort(text: string): string {
  const [port = '', digits] = /:(\d{1,5})$/.exec(text) ?? [];
  return Number(digits) <= 65_535 ? text.slice(0, -port.length) : text;
}
