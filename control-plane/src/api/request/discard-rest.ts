import type { IncomingMessage } from 'node:http';

/**
 * Reads and drops what is left of a request that is refused. A connection that is closed with unread bytes is reset, and
 * the caller would lose the answer that says why. Beyond `maxBytes` the connection is cut all the same.
 */
export function discardRest(request: IncomingMessage, maxBytes: number): void {
  if (request.complete || request.destroyed) return;
  let bytes = 0;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) request.socket.destroy();
  });
  request.resume();
}
