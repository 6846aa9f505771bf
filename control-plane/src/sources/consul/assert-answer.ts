import { STATUS_CODES, type IncomingMessage } from 'node:http';
import { SourceError, type SourceEntry } from '../source.ts';

/**
 * Whether an answer is one to read. The status goes by its registered name: what the other side calls it is content.
 * @throws SourceError when it is not
 */
export function assertGood({ statusCode = 0 }: IncomingMessage): void {
  if (statusCode === 200) return;
  const status = `Consul answered ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd();
  throw new SourceError(statusCode >= 300 && statusCode < 400 ? `${status}; redirects are not followed` : status);
}

/**
 * Whether a list is all that there is. Where a token may not read, Consul answers 200 with a shorter list: taken for the
 * truth, a token that lost its rights would empty the backend. It tells those who name a token so, and the others
 * nothing; then an empty list under a policy that denies may mean either.
 * @throws SourceError when it may be only a part
 */
export function assertWhole({ headers }: IncomingMessage, entries: readonly SourceEntry[], token: boolean): void {
  if (headers['x-consul-results-filtered-by-acls'] === 'true') {
    throw new SourceError('the token may not read all instances: it needs service:read and node:read');
  }
  if (!token && entries.length === 0 && headers['x-consul-default-acl-policy'] === 'deny') {
    throw new SourceError('Consul shows nothing without a token, whatever there is: name one');
  }
}
