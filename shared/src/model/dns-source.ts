import { z } from 'zod';
import { addressRecords } from '../dns/address-record.ts';
import { parseResolver } from '../dns/parse-resolver.ts';
import { durationMs, durationSchema } from './duration.ts';
import { canonicalDnsName } from './host-name.ts';
import { wholeNumberSchema } from './whole-number.ts';

/** Records that say where servers are: addresses, beside which the port is written, or services, which have one. */
export const dnsRecords = [...addressRecords, 'SRV'] as const;
export type DnsRecordType = (typeof dnsRecords)[number];

const NAME_MESSAGE =
  'is not a name in DNS — write it whole, without a dot at the end, such as web.internal or _http._tcp.web.internal';
const RESOLVER_MESSAGE =
  'is not the address of a resolver — write an IP address, with a port or without: 10.0.0.53, 10.0.0.53:5353, [fd00::53]:53';

const resolverSchema = z
  .string({ error: RESOLVER_MESSAGE })
  .refine((text) => parseResolver(text) !== undefined, RESOLVER_MESSAGE);

/** A source of servers that asks DNS, as operators write it. */
export const dnsSourceSchema = z
  .strictObject({
    type: z.literal('dns'),
    name: z
      .string({ error: NAME_MESSAGE })
      .refine((text) => canonicalDnsName(text) !== undefined, NAME_MESSAGE)
      .meta({ description: 'The whole name: the search list of the system is not used.', examples: ['web.internal'] }),
    record: z
      .enum(dnsRecords, { error: `is not a record that is asked for — use one of ${dnsRecords.join(', ')}` })
      .optional()
      .meta({ description: 'Records to ask for; address is A and AAAA. SRV brings ports. Default address.' }),
    port: wholeNumberSchema('a port', 1, 65_535)
      .optional()
      .meta({ description: 'Port of the servers. Needed unless record is SRV, which has ports of its own.' }),
    interval: durationSchema({ min: '1s', max: '1h' })
      .optional()
      .meta({ description: 'Time from one answer to the next question, ± 20 %. Default 10s.' }),
    timeout: durationSchema({ min: '100ms', max: '30s' })
      .optional()
      .meta({ description: 'A question that is not answered by then has failed, repetitions included. Default 2s.' }),
    resolvers: z
      .array(resolverSchema, { error: 'is not a list of resolvers — write ["10.0.0.53"]' })
      .min(1, 'is empty — list at least one resolver or leave it out for those of the system')
      .max(8, 'has more than 8 resolvers — remove some')
      .optional()
      .meta({ description: 'Whom to ask, by address, with a port or without. Default: the resolvers of the system.' }),
    allowEmpty: z.boolean({ error: 'is not a boolean — write true or false' }).optional().meta({
      description:
        'Whether a name that does not exist or has no such record means that there are no servers. Default false: it is a failure, and the servers of before stay.',
    }),
  })
  .refine(({ record, port }) => record === 'SRV' || port !== undefined, {
    path: ['port'],
    error: 'is missing — write the port of the servers, or ask for "record": "SRV"',
  })
  .refine(({ record, port }) => record !== 'SRV' || port === undefined, {
    path: ['port'],
    error: 'is of no use with SRV, which brings ports — remove it',
  })
  .meta({ id: 'DnsSource', description: 'Servers are those that a name in DNS has records of.' });

export type DnsSourceDocument = z.infer<typeof dnsSourceSchema>;

/** A source of servers that asks DNS, with its defaults. */
export interface DnsSource {
  readonly type: 'dns';
  readonly name: string;
  readonly record: DnsRecordType;
  /** 0 with SRV. */
  readonly port: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** `address:port`; none: those of the system. */
  readonly resolvers: readonly string[];
  readonly allowEmpty: boolean;
}

/** The document with its defaults, its names in their one spelling. */
export function resolveDnsSource(document: DnsSourceDocument): DnsSource {
  return {
    type: 'dns',
    name: canonicalDnsName(document.name) ?? document.name,
    record: document.record ?? 'address',
    port: document.port ?? 0,
    intervalMs: durationMs(document.interval, 10_000),
    timeoutMs: durationMs(document.timeout, 2_000),
    resolvers: (document.resolvers ?? []).map((text) => parseResolver(text) ?? text),
    allowEmpty: document.allowEmpty ?? false,
  };
}
