import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import type { Clock } from '@headgate/shared/clock';
import type { Network } from '@headgate/shared/config/setting-types';
import { DnsError } from '@headgate/shared/dns/dns-error';
import { DnsQuestions } from '@headgate/shared/dns/dns-questions';
import { canonicalAddress } from '@headgate/shared/model/address';
import { compileAddressPolicy, refusedAddress, type AddressPolicy } from '@headgate/shared/model/address-policy';
import { isLocalName, localNameAddresses } from '@headgate/shared/model/server-address';
import { parseHostsFile } from './hosts-file.ts';

export const nameOutcomes = ['success', 'absent', 'timeout', 'failed', 'refused'] as const;

/** How a look-up ended: `refused` says that every address of the name is one where nobody may send this process. */
export type NameOutcome = (typeof nameOutcomes)[number];

export type NameReading =
  | { readonly outcome: 'success'; readonly addresses: readonly string[] }
  /** The reason is in our own words. */
  | { readonly outcome: Exclude<NameOutcome, 'success'>; readonly reason: string };

export interface NameReaderOptions {
  /** `address:port` of the resolvers to ask; none: those of the system. */
  readonly resolvers: readonly string[];
  readonly allowedNetworks: readonly Network[];
  readonly clock: Clock;
  /** Default /etc/hosts. */
  readonly hostsFile?: string | undefined;
  /** How the system finds names that DNS does not know. Default: getaddrinfo, and not at all where resolvers are named. */
  readonly askSystem?: ((name: string) => Promise<readonly string[]>) | undefined;
}

/** Of one question. */
const TIMEOUT_MS = 2_000;

/** Resolvers and hosts file of the system are believed for so long. */
const SYSTEM_FRESH_MS = 5_000;

/** The rest is of no use: nobody has so many servers behind one name. */
const MAX_ADDRESSES = 256;

type HostsFile = ReadonlyMap<string, readonly string[]>;

/**
 * Looks a name up, once.
 *
 * 1. `localhost` and what is below it are this machine.
 * 2. What the hosts file says counts.
 * 3. Resolvers are asked for A and AAAA.
 * 4. What they do not know is left to the system (search list, other name services), unless resolvers were named to ask.
 *    That holds one of Node's few threads for as long as it takes, so it is done for one name at a time.
 * 5. Addresses where nobody may send this process are left out, each time anew: a name may change its mind.
 */
export class NameReader {
  readonly #options: NameReaderOptions;
  readonly #policy: AddressPolicy;
  #questions: { readonly asked: DnsQuestions; readonly sinceMs: number } | undefined;
  #hosts: { readonly read: Promise<HostsFile>; readonly sinceMs: number } | undefined;
  #system: Promise<unknown> = Promise.resolve();

  constructor(options: NameReaderOptions) {
    this.#options = options;
    this.#policy = compileAddressPolicy({
      own: [],
      localAddresses: [],
      allow: options.allowedNetworks,
      allowSetting: 'HEADGATE_ALLOWED_NETWORKS',
    });
  }

  async read(name: string): Promise<NameReading> {
    try {
      return this.#allowed(await this.#addresses(name));
    } catch (error) {
      if (!(error instanceof DnsError)) throw error;
      return { outcome: error.kind === 'cancelled' ? 'failed' : error.kind, reason: error.reason };
    }
  }

  /** What is under way ends at once. */
  close(): void {
    this.#questions?.asked.cancel();
  }

  async #addresses(name: string): Promise<readonly string[]> {
    if (isLocalName(name)) return localNameAddresses;
    const listed = (await this.#hostsFile()).get(name);
    if (listed !== undefined) return listed;
    try {
      return await this.#freshQuestions().addresses(name, 'address');
    } catch (error) {
      const addresses = error instanceof DnsError && error.kind === 'absent' ? await this.#askSystem(name) : [];
      if (addresses.length === 0) throw error;
      return addresses;
    }
  }

  #allowed(addresses: readonly string[]): NameReading {
    const refusals = addresses.map((address) => refusedAddress({ address, port: 0 }, this.#policy));
    const allowed = addresses.filter((_, index) => refusals[index] === undefined);
    if (allowed.length > 0) return { outcome: 'success', addresses: allowed.slice(0, MAX_ADDRESSES) };
    const codes = [...new Set(refusals.map((refusal) => refusal?.code))].join(', ');
    return { outcome: 'refused', reason: `every address of it is refused (${codes})` };
  }

  /** One that is kept for ever would not see that the system has other resolvers. */
  #freshQuestions(): DnsQuestions {
    const { clock, resolvers } = this.#options;
    const now = clock.monotonic();
    if (this.#questions === undefined || now - this.#questions.sinceMs > SYSTEM_FRESH_MS) {
      this.#questions = { asked: new DnsQuestions({ resolvers, timeoutMs: TIMEOUT_MS, clock }), sinceMs: now };
    }
    return this.#questions.asked;
  }

  #hostsFile(): Promise<HostsFile> {
    const { clock, hostsFile = '/etc/hosts' } = this.#options;
    const now = clock.monotonic();
    if (this.#hosts === undefined || now - this.#hosts.sinceMs > SYSTEM_FRESH_MS) {
      this.#hosts = { read: readHostsFile(hostsFile), sinceMs: now };
    }
    return this.#hosts.read;
  }

  #askSystem(name: string): Promise<readonly string[]> {
    const { resolvers, askSystem = resolvers.length === 0 ? byGetaddrinfo : askNobody } = this.#options;
    const answer = this.#system.then(() => askSystem(name)).catch((): readonly string[] => []);
    this.#system = answer;
    return answer;
  }
}

async function askNobody(): Promise<readonly string[]> {
  return [];
}

/** Without one, nothing is listed. */
async function readHostsFile(path: string): Promise<HostsFile> {
  try {
    return parseHostsFile(await readFile(path, 'utf8'));
  } catch {
    return new Map();
  }
}

async function byGetaddrinfo(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return [...new Set(found.flatMap(({ address }) => canonicalAddress(address) ?? []))].sort();
}
