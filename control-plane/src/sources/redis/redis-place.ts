import { formatSocketAddress } from '@headgate/shared/config/setting-types';
import type { RedisAddress } from './redis-address.ts';

/** A Redis and how to be let in. */
export interface RedisPlace {
  readonly address: RedisAddress;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly caPem: string | undefined;
}

/** How messages call it. */
export function describePlace({ address }: RedisPlace): string {
  return `Redis at ${formatSocketAddress(address)}`;
}
