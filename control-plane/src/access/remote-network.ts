import { canonicalAddress } from '@headgate/shared/model/address';

const HEXTETS_OF_NETWORK = 4;

/**
 * What attempts from an address count for: an IPv4 address as it is, and the /64 of an IPv6 address, because whoever has
 * one address there has all of them (RFC 6177). Zones and ports play no part.
 */
export function remoteNetwork(remote: string): string {
  const address = canonicalAddress(remote.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, ''));
  if (address === undefined) return 'unknown';
  return address.includes(':') ? `${expanded(address).slice(0, HEXTETS_OF_NETWORK).join(':')}::/64` : address;
}

/** The eight groups of a canonical IPv6 address. */
function expanded(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
}

function groupsOf(part: string): readonly string[] {
  return part === '' ? [] : part.split(':');
}
