import { BlockList } from 'node:net';
import type { Network } from '../config/setting-types.ts';
import { canonicalAddress, formatEndpoint } from './address.ts';
import { echoValue } from './echo-value.ts';
import { embeddedAddresses } from './embedded-addresses.ts';
import type { Fault } from './fault.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface AddressPolicyOptions {
  /** Where this process listens: an address, a wildcard (0.0.0.0 or ::, both for every local address) or localhost. */
  readonly own: readonly Endpoint[];
  /** The addresses of this machine's interfaces, loopback included or not. */
  readonly localAddresses: readonly string[];
  /** What operators allow explicitly; it wins over everything. */
  readonly allow: readonly Network[];
  /** The setting that holds `allow`, for messages. */
  readonly allowSetting: string;
}

/** Which addresses nobody may make this system connect to. */
export interface AddressPolicy {
  readonly allowed: BlockList;
  readonly allowSetting: string;
  /** By `address:port`. */
  readonly ownEndpoints: ReadonlySet<string>;
  readonly ownWildcardPorts: ReadonlySet<number>;
  readonly local: BlockList;
}

/** A fault but for its place in the input. */
export type AddressRefusal = Omit<Fault, 'pointer'>;

/** Makes the policy ready for look-ups. It is for as long as the interfaces stay as they are. */
export function compileAddressPolicy(options: AddressPolicyOptions): AddressPolicy {
  const own = options.own.flatMap(spellOut);
  const local = [...loopback, ...options.localAddresses.flatMap((address) => networkOf(address) ?? [])];
  return {
    allowed: blockListOf(options.allow),
    allowSetting: options.allowSetting,
    ownEndpoints: new Set(own.map(({ address, port }) => formatEndpoint(address, port))),
    ownWildcardPorts: new Set(own.filter(({ address }) => isWildcard(address)).map(({ port }) => port)),
    local: blockListOf(local),
  };
}

/**
 * Why this system must not connect there, for servers, probes and whatever else is named by somebody (server-side
 * request forgery): link-local, unspecified, multicast and broadcast addresses, cloud metadata, our own listeners, and
 * IPv6 addresses that stand for one of these. Loopback is refused only where we listen ourselves. To be asked about
 * every address that a name resolves to, at the time of connecting. What is no canonical address is refused.
 */
export function refusedAddress(endpoint: Endpoint, policy: AddressPolicy): AddressRefusal | undefined {
  const address = canonicalAddress(endpoint.address);
  if (address === undefined) return notAnAddress(endpoint.address);
  if (contains(policy.allowed, address)) return undefined;
  for (const meant of [address, ...embeddedAddresses(address)]) {
    if (contains(policy.allowed, meant)) continue;
    const kind = kindOf({ address: meant, port: endpoint.port }, policy);
    if (kind !== undefined) return refusal(address === meant ? address : `${address}, that is ${meant},`, kind, policy);
  }
  return undefined;
}

interface AddressKind {
  readonly code: string;
  /** Follows the address in a sentence. */
  readonly problem: string;
}

interface RefusedKind extends AddressKind {
  readonly networks: readonly Network[];
}

/** The first that fits names the refusal. */
const refusedKinds: readonly RefusedKind[] = [
  {
    code: 'metadata_address',
    problem: 'gives out the credentials of a cloud machine',
    networks: networks(
      '169.254.169.254/32', // nearly every cloud
      '169.254.170.2/32', // AWS ECS
      '169.254.170.23/32', // AWS EKS
      'fd00:ec2::/32', // AWS
      'fd20:ce::254/128', // Google
      'fd00:c1::a9fe:a9fe/128', // Oracle
      '192.0.0.192/32', // Oracle, older
      '168.63.129.16/32', // Azure
      '100.100.100.200/32', // Alibaba
    ),
  },
  {
    code: 'link_local_address',
    problem: 'is a link-local address',
    networks: networks('169.254.0.0/16', 'fe80::/10'),
  },
  {
    code: 'unspecified_address',
    problem: 'is no address of a server: it means this machine, or none',
    networks: networks('0.0.0.0/8', '::/128'),
  },
  {
    code: 'multicast_address',
    problem: 'is a multicast address',
    networks: networks('224.0.0.0/4', 'ff00::/8'),
  },
  {
    code: 'broadcast_address',
    problem: 'is the broadcast address',
    networks: networks('255.255.255.255/32'),
  },
];

const refusedLists = refusedKinds.map(({ networks: members, ...kind }) => ({ kind, list: blockListOf(members) }));

/** All of them: nearly every address is in none, and a look-up costs about as much as a server does otherwise. */
const everyRefused = blockListOf(refusedKinds.flatMap(({ networks: members }) => members));

const ownKind: AddressKind = { code: 'own_address', problem: 'is where Headgate itself listens' };

const loopback: readonly Network[] = [
  { address: '127.0.0.0', family: 'ipv4', prefixLength: 8 },
  { address: '::1', family: 'ipv6', prefixLength: 128 },
];

function kindOf(endpoint: Endpoint, policy: AddressPolicy): AddressKind | undefined {
  if (contains(everyRefused, endpoint.address)) {
    return refusedLists.find(({ list }) => contains(list, endpoint.address))?.kind;
  }
  return isOwn(endpoint, policy) ? ownKind : undefined;
}

function isOwn({ address, port }: Endpoint, policy: AddressPolicy): boolean {
  if (policy.ownEndpoints.has(formatEndpoint(address, port))) return true;
  return policy.ownWildcardPorts.has(port) && contains(policy.local, address);
}

function spellOut({ address, port }: Endpoint): readonly Endpoint[] {
  const addresses = address === 'localhost' ? ['127.0.0.1', '::1'] : [canonicalAddress(address) ?? address];
  return addresses.map((canonical) => ({ address: canonical, port }));
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, familyOf(address));
}

/** Of an address that is one. */
function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

function networks(...texts: readonly string[]): readonly Network[] {
  return texts.map((text) => {
    const [address = '', length] = text.split('/');
    return { address, family: familyOf(address), prefixLength: Number(length) };
  });
}

/** The network of one address; interfaces have link-local ones with a zone, which are refused anyway. */
function networkOf(text: string): Network | undefined {
  const address = canonicalAddress(text);
  if (address === undefined) return undefined;
  const family = familyOf(address);
  return { address, family, prefixLength: family === 'ipv4' ? 32 : 128 };
}

function blockListOf(members: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { address, prefixLength, family } of members) list.addSubnet(address, prefixLength, family);
  return list;
}

function refusal(subject: string, { code, problem }: AddressKind, { allowSetting }: AddressPolicy): AddressRefusal {
  return {
    code,
    detail: `${subject} ${problem}, and connections there are refused`,
    fix: `use the address of a server; where this is one, an operator of the process allows it by ${allowSetting}`,
  };
}

function notAnAddress(text: string): AddressRefusal {
  return {
    code: 'invalid_address',
    detail: `${echoValue(text)} is not an IP address`,
    fix: 'write IPv4 as four decimal numbers (10.0.0.11) or IPv6 (fd00::11)',
  };
}
