import { canonicalAddress, formatEndpoint, parseEndpoint } from '../model/address.ts';

const DNS_PORT = 53;

/** `address:port` of a resolver, the port being 53 unless written; undefined when it is neither. */
export function parseResolver(text: string): string | undefined {
  const alone = canonicalAddress(text);
  if (alone !== undefined) return formatEndpoint(alone, DNS_PORT);
  const endpoint = parseEndpoint(text);
  return endpoint && formatEndpoint(endpoint.address, endpoint.port);
}
