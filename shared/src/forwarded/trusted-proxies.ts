import { BlockList } from 'node:net';
import type { Network } from '../config/setting-types.ts';

/** Whether an address, canonical, is one whose word about clients is taken. */
export type IsTrustedProxy = (address: string) => boolean;

/** Answers are remembered: the same few peers ask again and again. */
const MAX_REMEMBERED = 10_000;

/** Trusts the addresses of some networks; none by default. */
export function createTrustedProxies(networks: readonly Network[] = []): IsTrustedProxy {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const { address, prefixLength, family } of networks) list.addSubnet(address, prefixLength, family);
  const remembered = new Map<string, boolean>();
  return (address) => {
    const known = remembered.get(address);
    if (known !== undefined) return known;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const trusted = list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
    remembered.set(address, trusted);
    return trusted;
  };
}
