import { canonicalAddress, parseEndpoint } from '../model/address.ts';
import type { IsTrustedProxy } from './trusted-proxies.ts';

/** What trusted proxies have said about a client. */
export interface ForwardedFields {
  /** Every X-Forwarded-For in one list, "" when there is none. */
  readonly forwardedFor: string;
  /** X-Forwarded-Proto and -Host and X-Real-IP as sent, "" when there are none. */
  readonly proto: string;
  readonly host: string;
  readonly realIp: string;
}

export const nothingForwarded: ForwardedFields = { forwardedFor: '', proto: '', host: '', realIp: '' };

/** Reads them from the fields of a request whose peer is trusted. */
export function readForwardedFields(rawHeaders: readonly string[]): ForwardedFields {
  const fields = { forwardedFor: '', proto: '', host: '', realIp: '' };
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1]!;
    switch (rawHeaders[index]!.toLowerCase()) {
      case 'x-forwarded-for':
        fields.forwardedFor = fields.forwardedFor === '' ? value : `${fields.forwardedFor}, ${value}`;
        break;
      case 'x-forwarded-proto':
        fields.proto = value;
        break;
      case 'x-forwarded-host':
        fields.host = value;
        break;
      case 'x-real-ip':
        fields.realIp = value;
        break;
      default:
    }
  }
  return fields;
}

/**
 * The address of the client behind trusted proxies: the rightmost entry of X-Forwarded-For that no trusted proxy has.
 * What stands left of it could have been made up. Without that list, X-Real-IP; else the peer.
 */
export function clientAddressBehind(peer: string, fields: ForwardedFields, isTrusted: IsTrustedProxy): string {
  if (fields.forwardedFor === '') return canonicalAddress(fields.realIp.trim()) ?? peer;
  let client = peer;
  for (const entry of fields.forwardedFor.split(',').reverse()) {
    const address = addressOf(entry.trim());
    if (address === undefined) return client;
    client = address;
    if (!isTrusted(address)) return client;
  }
  return client;
}

/** Some proxies add the port. */
function addressOf(entry: string): string | undefined {
  return canonicalAddress(entry) ?? parseEndpoint(entry)?.address;
}
