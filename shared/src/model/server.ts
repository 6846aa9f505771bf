import { z } from 'zod';
import { canonicalAddress, formatEndpoint } from './address.ts';
import { wholeNumberSchema } from './whole-number.ts';

const ADDRESS_MESSAGE =
  'is not an IP address — write IPv4 as four decimal numbers (10.0.0.11) or IPv6 (fd00::11); names are not accepted';

/** One server of a backend, as operators write it. */
export const serverSchema = z
  .strictObject({
    address: z
      .string({ error: ADDRESS_MESSAGE })
      .max(64, ADDRESS_MESSAGE)
      .refine((text) => canonicalAddress(text) !== undefined, ADDRESS_MESSAGE)
      .meta({ description: 'IPv4 or IPv6 address.', examples: ['10.0.0.11'] }),
    port: wholeNumberSchema('a port', 1, 65_535),
    weight: wholeNumberSchema('a weight', 1, 1_000)
      .optional()
      .meta({ description: 'Share of the traffic under weighted_round_robin. Default 1.' }),
  })
  .meta({ id: 'Server', description: 'One address and port of a backend.' });

export type ServerDocument = z.infer<typeof serverSchema>;

/** A server as data planes know it: defaults filled in, address canonical. */
export interface Server {
  readonly backend: string;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
}

/** The document in its one spelling. */
export function canonicalServer(document: ServerDocument): ServerDocument {
  return { ...document, address: canonicalAddress(document.address) ?? document.address };
}

/** `address:port`: what names a server inside its backend. */
export function serverEndpoint(server: { readonly address: string; readonly port: number }): string {
  return formatEndpoint(server.address, server.port);
}

/** The document with its defaults, as a member of a backend. */
export function resolveServer(backend: string, document: ServerDocument): Server {
  return { backend, address: document.address, port: document.port, weight: document.weight ?? 1 };
}
