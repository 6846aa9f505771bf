/** Letters, digits and hyphens, a hyphen at neither end (RFC 952, RFC 1123). */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** The same, and underscores, which names of services begin with (RFC 2782). */
const DNS_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/** Somebody would read it as an IPv4 address in some spelling (10.1, 010.0.0.1, 0x7f.1). */
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i;

/**
 * The one spelling of the name of a host: small letters, no last dot. Undefined for anything else, also for what could be
 * meant as an IP address; names beyond ASCII are written in Punycode.
 */
export function canonicalHostName(text: string): string | undefined {
  return canonical(text, HOST_NAME);
}

/** The same for any name that DNS has records of, `_http._tcp.web.internal` included. */
export function canonicalDnsName(text: string): string | undefined {
  return canonical(text, DNS_NAME);
}

function canonical(text: string, pattern: RegExp): string | undefined {
  // Longer than that is no name in any spelling, and nothing that a pattern should be asked about.
  if (text.length > 253) return undefined;
  return pattern.test(text) && !NUMERIC_END.test(text) ? text.toLowerCase() : undefined;
}
