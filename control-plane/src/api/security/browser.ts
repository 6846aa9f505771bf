import type { IncomingHttpHeaders } from 'node:http';
import { HeadgateError } from '@headgate/shared/error';

/**
 * Refuses what a browser asks, for operations that change something by GET and need no token: an image on any page would
 * do. Over plain HTTP browsers send neither Sec-Fetch-Site nor, with GET, an Origin, so that `refuseCrossSite` cannot
 * tell; but all of them name themselves Mozilla and say which languages are wanted, which programs do not do both.
 *
 * @throws HeadgateError
 */
export function refuseBrowser(headers: IncomingHttpHeaders): void {
  const { referer, 'user-agent': agent = '', 'accept-language': languages } = headers;
  if (referer === undefined && !(agent.startsWith('Mozilla/') && languages !== undefined)) return;
  const wayOut = 'use a program, or a token';
  throw new HeadgateError('HEADGATE_FORBIDDEN', `A browser changes nothing here without a token — ${wayOut}`);
}
