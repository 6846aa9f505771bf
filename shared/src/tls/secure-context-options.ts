import type { SecureContextOptions } from 'node:tls';
import type { TlsMaterial } from './tls-material.ts';

/**
 * The material as node:tls takes it, for servers and clients. TLS 1.2 is the least whatever Node was started with
 * (RFC 8996 retires what is older).
 */
export function secureContextOptions({ identity, authorities }: TlsMaterial): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(identity && { cert: identity.certificateChain, key: identity.key }),
    ...(authorities && { ca: authorities.certificates }),
  };
}
