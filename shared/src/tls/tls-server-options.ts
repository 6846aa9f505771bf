import type { TlsOptions } from 'node:tls';
import { secureContextOptions } from './secure-context-options.ts';
import type { ServerTlsMaterial } from './tls-material.ts';

/** A client that connects and does not shake hands holds a socket; Node's own limit is two minutes. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * What a node:tls, node:https or node:http2 server is created with. With authorities, a client without a certificate of
 * theirs gets no connection. Which of the two it is stays for the server's life: only the material changes.
 */
export function tlsServerOptions(material: ServerTlsMaterial): TlsOptions {
  const demandsCertificate = material.authorities !== undefined;
  return {
    ...secureContextOptions(material),
    requestCert: demandsCertificate,
    rejectUnauthorized: demandsCertificate,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
}
