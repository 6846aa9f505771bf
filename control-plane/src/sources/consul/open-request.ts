import { request as requestHttp, type Agent, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '@headgate/shared/clock';
import { SourceError } from '../source.ts';

/** A dead host must not hold a query for as long as a living one may. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Probes of TCP begin then, so that a peer that vanished is noticed within half a minute, and not after the wait. */
const KEEP_ALIVE_MS = 15_000;

export interface RequestOptions {
  readonly agent: Agent;
  readonly headers: OutgoingHttpHeaders;
  /** Cuts the request and the answer. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** PEM; undefined for the authorities of Node. */
  readonly ca: Buffer | undefined;
  /** Undefined for the host of the URL. */
  readonly servername: string | undefined;
}

/**
 * Sends a GET and resolves with the head of the answer, whatever its status: redirects are followed nowhere. Not by
 * `fetch`, which gives up on heads after 300 s, less than Consul may be asked to wait, and takes no authorities of its own.
 */
export function openRequest(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const { clock, ...rest } = options;
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = open(url, { ...rest, rejectUnauthorized: true });
    request.once('response', resolve);
    // Stays for errors that come after the head: the reader of the body hears of them too.
    request.on('error', reject);
    request.once('socket', (socket) => {
      if (!socket.connecting) return;
      const slow = new SourceError(`there is no connection within ${CONNECT_TIMEOUT_MS} ms`);
      const cancel = clock.after(CONNECT_TIMEOUT_MS, () => request.destroy(slow));
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', cancel);
      request.once('close', cancel);
    });
    request.setSocketKeepAlive(true, KEEP_ALIVE_MS);
    request.end();
  });
}
