import type { IncomingHttpHeaders } from 'node:http';
import { clientAddressBehind, nothingForwarded } from '@headgate/shared/forwarded/client-identity';
import type { IsTrustedProxy } from '@headgate/shared/forwarded/trusted-proxies';
import { canonicalAddress } from '@headgate/shared/model/address';

/**
 * The address of the client, canonical: the socket's, or what trusted proxies say (X-Forwarded-For, else X-Real-IP).
 * Anybody else's word about itself is not taken. Undefined for an address with a zone.
 */
export function clientAddressOf(
  remote: string,
  headers: IncomingHttpHeaders,
  isTrustedProxy: IsTrustedProxy,
): string | undefined {
  const peer = canonicalAddress(remote);
  if (peer === undefined || !isTrustedProxy(peer)) return peer;
  const forwardedFor = textOf(headers['x-forwarded-for']);
  return clientAddressBehind(
    peer,
    { ...nothingForwarded, forwardedFor, realIp: textOf(headers['x-real-ip']) },
    isTrustedProxy,
  );
}

/** Node joins what is repeated. */
function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value ?? []).join(', ');
}
