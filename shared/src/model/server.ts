import { z } from 'zod';
import { formatEndpoint } from './address.ts';
import { nameSchema } from './name.ts';
import { canonicalServerAddress } from './server-address.ts';
import { wholeNumberSchema } from './whole-number.ts';

const ADDRESS_MESSAGE =
  'is not the address of a server — write IPv4 as four decimal numbers (10.0.0.11), IPv6 (fd00::11), or a name (web.internal) without a dot at the end';

const LABEL_VALUE = /^[\x20-\x7e]*$/;
const LABEL_MESSAGE = 'is not the value of a label — use at most 256 printable ASCII characters';

/** What an operator wants of a server; see `serverStateSchema`. */
export const serverStates = ['active', 'draining', 'disabled'] as const;
export type ServerState = (typeof serverStates)[number];

/** One server of a backend, as operators write it. */
export const serverSchema = z
  .strictObject({
    address: z
      .string({ error: ADDRESS_MESSAGE })
      .max(253, ADDRESS_MESSAGE)
      .refine((text) => canonicalServerAddress(text) !== undefined, ADDRESS_MESSAGE)
      .meta({
        description:
          'IPv4 or IPv6 address, or a name that every data plane looks up for itself, again and again: it is one server, and its addresses are used in turn.',
        examples: ['10.0.0.11', 'web.internal'],
      }),
    port: wholeNumberSchema('a port', 1, 65_535),
    weight: wholeNumberSchema('a weight', 1, 1_000)
      .optional()
      .meta({ description: 'Share of the traffic, compared with the other servers. Default 1.' }),
    priority: wholeNumberSchema('a priority', 0, 15).optional().meta({
      description: 'Servers of a higher number are used only when none of a lower one can be (backup). Default 0.',
    }),
    zone: nameSchema.optional().meta({ description: 'Where the server runs, for people and metrics.' }),
    labels: z
      .record(
        nameSchema,
        z.string({ error: LABEL_MESSAGE }).max(256, LABEL_MESSAGE).regex(LABEL_VALUE, LABEL_MESSAGE),
        {
          error: 'is not an object of labels — write {"version": "42"}',
        },
      )
      .refine((labels) => Object.keys(labels).length <= 16, 'has more than 16 labels — remove some')
      .optional()
      .meta({ description: 'Free words about the server, at most 16. Default: none.' }),
  })
  .meta({ id: 'Server', description: 'One address and port of a backend.' });

export type ServerDocument = z.infer<typeof serverSchema>;

/** A server as data planes know it: defaults filled in, address, or name, canonical. */
export interface Server {
  readonly backend: string;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  /** 0 is used first. */
  readonly priority: number;
  /** "" for none. */
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A ServerState. */
  readonly state: string;
}

/** The document in its one spelling. */
export function canonicalServer(document: ServerDocument): ServerDocument {
  return { ...document, address: canonicalServerAddress(document.address) ?? document.address };
}

/** `address:port`: what names a server inside its backend. */
export function serverEndpoint(server: { readonly address: string; readonly port: number }): string {
  return formatEndpoint(server.address, server.port);
}

const noLabels: Readonly<Record<string, string>> = Object.freeze({});

/** The document with its defaults, as a member of a backend. */
export function resolveServer(backend: string, document: ServerDocument, state: ServerState = 'active'): Server {
  return {
    backend,
    address: document.address,
    port: document.port,
    weight: document.weight ?? 1,
    priority: document.priority ?? 0,
    zone: document.zone ?? '',
    labels: document.labels ?? noLabels,
    state,
  };
}
