import { z } from 'zod';
import { TOKEN } from './token.ts';
import { wholeNumberSchema } from './whole-number.ts';

export const algorithms = [
  'round_robin',
  'weighted_round_robin',
  'least_connections',
  'power_of_two',
  'random',
  'consistent_hash',
] as const;
export type Algorithm = (typeof algorithms)[number];

const NAME_MESSAGE = "is not a name of a field, cookie or parameter — use 1 to 128 letters, digits and !#$%&'*+-.^_`|~";
const keyName = z.string({ error: NAME_MESSAGE }).max(128, NAME_MESSAGE).regex(TOKEN, NAME_MESSAGE);

/** What of a request is hashed. */
export const hashSources = ['client_address', 'path', 'header', 'cookie', 'query'] as const;
export type HashSource = (typeof hashSources)[number];

const hashKeySchema = z
  .discriminatedUnion(
    'source',
    [
      z
        .strictObject({ source: z.enum(['client_address', 'path']) })
        .meta({ id: 'WholeHashKey', description: 'The address of the client, or the path without the query.' }),
      z
        .strictObject({ source: z.enum(['header', 'cookie', 'query']), name: keyName })
        .meta({ id: 'NamedHashKey', description: 'A field, cookie or query parameter by its name.' }),
    ],
    {
      error:
        'is not a hash key — write {"source": "client_address"}, {"source": "path"}, or {"source": "header", "name": "X-User"} with header, cookie or query',
    },
  )
  .meta({ id: 'HashKey' });

/** How servers are chosen, as operators write it. */
export const balanceSchema = z
  .strictObject({
    algorithm: z.enum(algorithms, { error: `is not a known algorithm — use one of ${algorithms.join(', ')}` }),
    key: hashKeySchema.optional().meta({
      description:
        'What consistent_hash hashes; a request that lacks it is hashed by the address of its client. Default {"source": "client_address"}.',
    }),
    loadFactorPercent: z
      .union([z.literal(0), wholeNumberSchema('a percentage', 101, 1_000)], {
        error: 'is not a load factor — use 0 for unbounded, or 101 to 1000 percent of the average',
      })
      .optional()
      .meta({
        description:
          'Under consistent_hash a server with more requests in flight than this share of the average passes them on. 0: unbounded. Default 125.',
      }),
  })
  .refine(({ algorithm, key }) => algorithm === 'consistent_hash' || key === undefined, {
    path: ['key'],
    error: 'is for consistent_hash — remove it, or use that algorithm',
  })
  .refine(({ algorithm, loadFactorPercent }) => algorithm === 'consistent_hash' || loadFactorPercent === undefined, {
    path: ['loadFactorPercent'],
    error: 'is for consistent_hash — remove it, or use that algorithm',
  })
  .meta({ id: 'Balance' });

export type BalanceDocument = z.infer<typeof balanceSchema>;

export interface HashKey {
  /** A HashSource; newer control planes may know others. */
  readonly source: string;
  /** Header (lower case), cookie or query parameter; "" for the others. */
  readonly name: string;
}

/** A choice of servers as data planes know it. */
export interface Balance {
  readonly algorithm: string;
  readonly key: HashKey;
  /** 0 is unbounded. */
  readonly loadFactorPercent: number;
}

export const balanceDefaults: Balance = {
  algorithm: 'weighted_round_robin',
  key: { source: 'client_address', name: '' },
  loadFactorPercent: 125,
};

/** The document with its defaults. */
export function resolveBalance(document: BalanceDocument | undefined): Balance {
  if (document === undefined) return balanceDefaults;
  return {
    algorithm: document.algorithm,
    key: document.key === undefined ? balanceDefaults.key : resolveKey(document.key),
    loadFactorPercent: document.loadFactorPercent ?? balanceDefaults.loadFactorPercent,
  };
}

function resolveKey(key: NonNullable<BalanceDocument['key']>): HashKey {
  if (!('name' in key)) return { source: key.source, name: '' };
  return { source: key.source, name: key.source === 'header' ? key.name.toLowerCase() : key.name };
}
