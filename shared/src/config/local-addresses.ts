import { networkInterfaces } from 'node:os';
import { canonicalAddress } from '../model/address.ts';

/** The addresses of this machine's interfaces as they are now, canonical, loopback included. */
export function localAddresses(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.flatMap(({ address }) => canonicalAddress(address) ?? []);
}
