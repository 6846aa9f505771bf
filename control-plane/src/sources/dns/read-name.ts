import type { SrvRecord } from 'node:dns';
import { DnsError } from '@headgate/shared/dns/dns-error';
import type { DnsQuestions } from '@headgate/shared/dns/dns-questions';
import type { DnsSource } from '@headgate/shared/model/dns-source';
import { SourceError, type SourceEntry } from '../source.ts';
import { serviceEntries, type ServiceTarget } from './service-entries.ts';

/** Beyond it somebody else's name has come in. */
const MAX_SERVERS = 10_000;

/** Targets of a service; each is a question or two of its own. */
const MAX_TARGETS = 1_000;

/** Targets that are looked up at once. */
const CONCURRENCY = 16;

/**
 * The servers that a name has now: whole, or not at all. A target of a service that does not exist brings no server; one
 * that could not be looked up fails the whole.
 * @throws DnsError; of kind `absent` when there are none
 * @throws SourceError when there are too many
 */
export async function readName(source: DnsSource, questions: DnsQuestions): Promise<readonly SourceEntry[]> {
  const entries =
    source.record === 'SRV' ? await readService(source, questions) : await readAddresses(source, questions);
  if (entries.length > MAX_SERVERS) throw new SourceError(`${source.name} has more than ${MAX_SERVERS} servers`);
  return entries;
}

async function readAddresses(source: DnsSource, questions: DnsQuestions): Promise<readonly SourceEntry[]> {
  const { name, port, record } = source;
  const addresses = await questions.addresses(name, record === 'SRV' ? 'address' : record);
  return addresses.map((address) => ({ name: `${name} ${address}`, server: { address, port } }));
}

async function readService({ name }: DnsSource, questions: DnsQuestions): Promise<readonly SourceEntry[]> {
  const records = (await questions.services(name)).filter(({ name: target }) => target !== '');
  const targets = [...new Set(records.map(({ name: target }) => target))];
  if (targets.length > MAX_TARGETS) throw new SourceError(`${name} has more than ${MAX_TARGETS} targets`);
  const addresses = await addressesOf(targets, { name, questions });
  const entries = serviceEntries(records.map((record) => serviceTarget(record, addresses)));
  if (entries.length === 0) {
    throw new DnsError({ kind: 'absent', subject: `SRV of ${name}`, reason: 'no target has an address' });
  }
  return entries;
}

function serviceTarget(record: SrvRecord, addresses: ReadonlyMap<string, readonly string[]>): ServiceTarget {
  const { name: target, port, priority, weight } = record;
  return { target, port, priority, weight, addresses: addresses.get(target) ?? [] };
}

interface TargetLookUp {
  /** Of the service, for errors: targets are an answer's content. */
  readonly name: string;
  readonly questions: DnsQuestions;
}

/** A few at a time, and no more once one has failed. */
async function addressesOf(
  targets: readonly string[],
  lookUp: TargetLookUp,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const waiting = targets.values();
  let failed = false;
  const work = async (): Promise<void> => {
    for (const target of waiting) {
      if (failed) return;
      try {
        found.set(target, await addressesOfTarget(target, lookUp));
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return found;
}

async function addressesOfTarget(target: string, { name, questions }: TargetLookUp): Promise<readonly string[]> {
  try {
    return await questions.addresses(target, 'address');
  } catch (error) {
    if (!(error instanceof DnsError)) throw error;
    if (error.kind === 'absent') return [];
    throw new DnsError({ kind: error.kind, subject: `a target of ${name}`, reason: error.reason, cause: error });
  }
}
