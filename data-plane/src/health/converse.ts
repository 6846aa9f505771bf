import { connect, type Socket } from 'node:net';
import { nameOptions } from '../resolution/name-options.ts';
import { connectionFailure } from './connection-failure.ts';
import type { ProbeRequest, ProbeResult } from './probe.ts';

type Finish = (result: ProbeResult | undefined) => void;

/**
 * Connects and leaves the rest to `talk`, which says `finish` when it knows the result. The check's timeout counts for
 * the whole of it. However it ends, the socket is destroyed and no timer or listener is left.
 */
export function converse(
  { address, port, lookup, check, clock, signal }: ProbeRequest,
  talk: (socket: Socket, finish: Finish) => void,
): Promise<ProbeResult | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, ...nameOptions(lookup), noDelay: true });
    const cancelTimeout = clock.after(check.timeoutMs, () => finish(timedOut(socket, check.timeoutMs)));
    const stop = () => finish(undefined);
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', (error) => finish(connectionFailure(error)));
    socket.on('close', () => finish({ outcome: 'connection_lost', detail: 'the connection was closed' }));
    talk(socket, finish);

    /** Only the first result counts: resolving again does nothing. */
    function finish(result: ProbeResult | undefined): void {
      cancelTimeout();
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve(result);
    }
  });
}

function timedOut(socket: Socket, timeoutMs: number): ProbeResult {
  const missing = socket.connecting ? 'connection' : 'answer';
  return { outcome: 'timeout', detail: `no ${missing} within ${timeoutMs} ms` };
}
