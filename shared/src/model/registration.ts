import { z } from 'zod';
import { networkType, type Network } from '../config/setting-types.ts';
import { canonicalAddress } from './address.ts';
import { durationMs, durationSchema, formatDuration } from './duration.ts';
import { serverSchema } from './server.ts';
import { wholeNumberSchema } from './whole-number.ts';

const NETWORK_MESSAGE =
  'is not a network — write an address, or one with a prefix length: "10.0.0.0/8", "fd00::/8", "10.0.0.11"';

/** What article 004's servers are timed for; no backend holds them to less. */
export const articleTtlMs = 60_000;

const ttlSchema = durationSchema({ min: '2s', max: '1h' });

/** Lets servers of a backend register themselves, as operators write it. */
export const registrationSchema = z
  .strictObject({
    ttl: ttlSchema.optional().meta({
      description: 'A server that is not heard of for so long goes. It beats every third of it. Default 30s.',
    }),
    networks: z
      .array(
        z
          .string({ error: NETWORK_MESSAGE })
          .max(64, NETWORK_MESSAGE)
          .refine((text) => networkType.parse(text).ok, NETWORK_MESSAGE),
        { error: 'is not a list of networks — write ["10.0.0.0/8"]' },
      )
      .max(100, 'has more than 100 networks — use shorter prefixes')
      .optional()
      .meta({
        description:
          'Clients of these networks may register their own address on /upstream/* without a token. Default: none.',
      }),
    maxServers: wholeNumberSchema('a number of servers', 1, 10_000)
      .optional()
      .meta({ description: 'Servers that may be registered at once. Default 10000.' }),
  })
  .meta({ id: 'Registration', description: 'Lets servers register themselves.' });

export type RegistrationDocument = z.infer<typeof registrationSchema>;

/** How a backend takes registrations. */
export interface Registration {
  readonly ttlMs: number;
  readonly networks: readonly Network[];
  readonly maxServers: number;
}

/** The document with its defaults. */
export function resolveRegistration(document: RegistrationDocument): Registration {
  return {
    ttlMs: durationMs(document.ttl, 30_000),
    networks: (document.networks ?? []).map(networkOf),
    maxServers: document.maxServers ?? 10_000,
  };
}

/**
 * The longest time that a server of the backend may ask for: what operators chose, and never less than what article
 * 004's servers need. Operators thus decide how long a dead server stays, and after a restart of the control plane, when
 * it is not known what each has asked for, this is a full time for everyone.
 */
export function longestTtlMs({ ttlMs }: Pick<Registration, 'ttlMs'>): number {
  return Math.max(ttlMs, articleTtlMs);
}

const wantedTtl = ttlSchema.optional().meta({
  description: `How long this heartbeat counts, at most the backend's ttl or ${formatDuration(articleTtlMs)}, whichever is longer. Default: the backend's ttl.`,
});

const ADDRESS_MESSAGE =
  'is not an IP address — a server registers an address: 10.0.0.11, fd00::11; names are for servers that operators write';

/** A registration. Whoever registers says where it is, not whom to ask. */
export const serverRegistrationSchema = serverSchema
  .extend({
    address: z
      .string({ error: ADDRESS_MESSAGE })
      .max(64, ADDRESS_MESSAGE)
      .refine((text) => canonicalAddress(text) !== undefined, ADDRESS_MESSAGE)
      .meta({ description: 'IPv4 or IPv6 address.', examples: ['10.0.0.11'] }),
    ttl: wantedTtl,
  })
  .meta({ id: 'ServerRegistration', description: 'A server that registers itself, or is registered.' });

export type ServerRegistrationDocument = z.infer<typeof serverRegistrationSchema>;

/** Many registrations at once. */
export const registrationListSchema = z
  .strictObject({
    items: z
      .array(serverRegistrationSchema, {
        error: 'is not a list of registrations — write [{"address": "10.0.0.11", "port": 8080}]',
      })
      .min(1, 'is empty — name at least one server')
      .max(10_000, 'has more than 10,000 servers — send them in parts'),
  })
  .meta({ id: 'RegistrationList' });

/** Of a text that the schema has accepted. */
function networkOf(text: string): Network {
  const parsed = networkType.parse(text);
  if (!parsed.ok) throw new TypeError(`${text} is not a network`);
  return parsed.value;
}
