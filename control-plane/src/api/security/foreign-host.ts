import type { IncomingHttpHeaders } from 'node:http';
import { isLoopbackAddress } from '@headgate/shared/config/loopback';
import { HeadgateError } from '@headgate/shared/error';

/**
 * Without authentication only requests for a loopback name are served: a page whose name was rebound to 127.0.0.1 still
 * names itself in Host (DNS rebinding).
 *
 * @throws HeadgateError
 */
export function refuseForeignHost({ host }: IncomingHttpHeaders): void {
  const name = host === undefined ? '' : host.replace(/:\d{1,5}$/, '');
  if (isLoopbackAddress(name)) return;
  throw new HeadgateError(
    'HEADGATE_FORBIDDEN',
    'The Host header names no loopback address — without authentication only localhost, 127.0.0.1 and [::1] are served',
  );
}
