import type { Server } from 'node:tls';
import type { ReadableValue } from '../latest-value.ts';
import { secureContextOptions } from './secure-context-options.ts';
import type { ServerTlsMaterial } from './tls-material.ts';

/**
 * Gives a server that was made with `tlsServerOptions` (node:tls, node:https, node:http2) the newest material: new
 * connections get it, open ones live on. Sessions of before are not resumed, because the tickets' keys go with the old
 * context: a client whose authority is no longer believed cannot come back by one. Returns how to stop following.
 */
export function followSecureContext(
  server: Pick<Server, 'setSecureContext'>,
  material: ReadableValue<ServerTlsMaterial>,
): () => void {
  // It cannot throw: a context was made of this very material before it became the newest.
  return material.subscribe((newest) => server.setSecureContext(secureContextOptions(newest)));
}
