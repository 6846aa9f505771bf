import type { IncomingHttpHeaders } from 'node:http';
import { HeadgateError } from '@headgate/shared/error';

/**
 * Refuses what a browser sends on behalf of another site (W3C Fetch Metadata; RFC 6454 Origin): a page must not reach
 * the control plane through its visitor, with or without a token.
 *
 * @throws HeadgateError
 */
export function refuseCrossSite(headers: IncomingHttpHeaders): void {
  const site = headers['sec-fetch-site'];
  const foreign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (foreign || !isOwnOrigin(headers)) {
    throw new HeadgateError('HEADGATE_FORBIDDEN', "A browser's request from another site is not accepted");
  }
}

/** Without an Origin nobody claims to be another site. The scheme is not compared: a proxy may have ended TLS. */
function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: claimed } = new URL(origin);
  const own = `${protocol}//${host}/`;
  return claimed !== '' && URL.canParse(own) && new URL(own).host === claimed;
}
