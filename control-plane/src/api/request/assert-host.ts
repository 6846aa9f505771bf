import type { IncomingMessage } from 'node:http';
import { HeadgateError } from '@headgate/shared/error';

/**
 * Exactly one Host (RFC 9112, 3.2), because what follows compares it: Node would hand over the first of several.
 *
 * @throws HeadgateError
 */
export function assertHost({ rawHeaders, httpVersion }: IncomingMessage): void {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts === 1 || (hosts === 0 && httpVersion === '1.0')) return;
  throw new HeadgateError('HEADGATE_BAD_SYNTAX', `The request has ${hosts} Host headers — send one`);
}
