import { canonicalAddress } from '../model/address.ts';

/**
 * Whether a host (an address, with or without brackets, or a name) can only mean this machine: 127.0.0.0/8, ::1,
 * `localhost` and names below it (RFC 6761 section 6.3).
 */
export function isLoopbackAddress(host: string): boolean {
  const address = canonicalAddress(host);
  if (address !== undefined) return address === '::1' || address.startsWith('127.');
  const name = host.toLowerCase().replace(/\.$/, '');
  return name === 'localhost' || name.endsWith('.localhost');
}
