import { isIPv4, isIPv6 } from 'node:net';

/** No spelling of an address is longer: eight groups, an IPv4 tail, brackets. */
const MAX_LENGTH = 64;

/**
 * The one spelling of an IP address: dotted decimal, or compressed lower-case IPv6 (RFC 5952) without brackets.
 * IPv4-mapped IPv6 addresses become IPv4. Undefined for anything else: names, octal or hexadecimal parts, zone ids.
 */
export function canonicalAddress(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  if (isIPv4(text)) return text;
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (!isIPv6(bare) || bare.includes('%')) return undefined;
  const compressed = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  return mappedIPv4(compressed) ?? compressed;
}

/** `address:port`, with brackets around IPv6. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Splits `address:port` and makes the address canonical; undefined when it is no endpoint. */
export function parseEndpoint(text: string): { readonly address: string; readonly port: number } | undefined {
  const parts = /^(\[[^\]]+\]|[^:]+):([1-9]\d{0,4})$/.exec(text);
  if (parts === null) return undefined;
  const address = canonicalAddress(parts[1] ?? '');
  const port = Number(parts[2]);
  return address === undefined || port > 65_535 ? undefined : { address, port };
}

/** ::ffff:a.b.c.d, which a URL spells as two hexadecimal groups. */
function mappedIPv4(compressed: string): string | undefined {
  const groups = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed);
  if (groups === null) return undefined;
  const [high, low] = [Number.parseInt(groups[1] ?? '', 16), Number.parseInt(groups[2] ?? '', 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
