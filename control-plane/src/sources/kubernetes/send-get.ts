import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { ClusterAccess } from './cluster.ts';

/**
 * Asks the API; resolves when the head of the answer is there, whatever its status. Each request has a connection of its
 * own: requests are rare, a kept connection may have died meanwhile, and a new one takes new credentials. Redirects are
 * not followed: they would carry the token to somebody else.
 */
export function sendGet(access: ClusterAccess, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { host, port, servername, basePath, identity, token } = access;
  return new Promise((resolve, reject) => {
    const sent = request({
      agent: false,
      host,
      port,
      path: `${basePath}${path}`,
      ...identity,
      ...(servername !== undefined && { servername }),
      rejectUnauthorized: true,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': 'headgate-control-plane',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    });
    sent.on('response', resolve);
    sent.on('error', reject);
    sent.end();
  });
}
