import tls, { rootCertificates } from 'node:tls';

let known: Buffer | undefined;

/**
 * PEM: the authorities that this machine believes, and those of NODE_EXTRA_CA_CERTS; where it has none, as in a bare
 * container, those that come with Node. Read once in the life of the process, as Node does.
 */
export function systemAuthorities(): Buffer {
  known ??= Buffer.from(readAuthorities().join('\n'));
  return known;
}

function readAuthorities(): readonly string[] {
  // Node 22 has it from 22.15 on.
  if (typeof tls.getCACertificates !== 'function') return rootCertificates;
  const system = tls.getCACertificates('system');
  return system.length === 0 ? tls.getCACertificates('default') : [...system, ...tls.getCACertificates('extra')];
}
