import type { ExplainQuestion } from '@headgate/shared/model/explain-question';
import type { RequestHead } from '../proxy/forwarder.ts';

const ABSOLUTE = /^(https?):\/\/([^/?#]*)/i;

/**
 * The head that a client would send for a question: of an absolute URL, its host stands in Host unless the question has a
 * Host of its own, which loses against the URL as it does in traffic.
 */
export function requestHeadOf({ method, url, headers, clientAddress }: ExplainQuestion): RequestHead {
  const [, scheme = 'http', authority] = ABSOLUTE.exec(url) ?? [];
  const rawHeaders = headers.flatMap(({ name, value }) => [name, value]);
  const hasHost = headers.some(({ name }) => name.toLowerCase() === 'host');
  return {
    method,
    target: url,
    version: '1.1',
    rawHeaders: authority === undefined || hasHost ? rawHeaders : ['Host', authority, ...rawHeaders],
    clientAddress,
    clientPort: 0,
    encrypted: scheme.toLowerCase() === 'https',
    upgrade: headers.some(({ name, value }) => name.toLowerCase() === 'upgrade' && value.toLowerCase() === 'websocket'),
  };
}
