import { z } from 'zod';
import { durationMs, durationSchema } from './duration.ts';
import { nameSchema } from './name.ts';

const ADDRESS_MESSAGE =
  'is not the address of a Consul agent — write http:// or https://, a name or address and a port, such as http://127.0.0.1:8500';
const SERVICE_MESSAGE =
  'is not a name of a service — use 1 to 255 visible ASCII characters without "/", beginning with a letter or digit';
const TAG_MESSAGE = 'is not a tag — use 1 to 255 printable ASCII characters without spaces around them';
const SERVER_NAME_MESSAGE = 'is not the name of a TLS server — write a name such as server.dc1.consul';
const BOOLEAN_MESSAGE = 'is not a boolean — use true or false';

/** Services of one source; each has a query of its own under way. */
const MAX_SERVICES = 16;
const MAX_TAGS = 16;

const serviceSchema = z
  .string({ error: SERVICE_MESSAGE })
  .regex(/^[A-Za-z0-9][\x21-\x2e\x30-\x7e]{0,254}$/, SERVICE_MESSAGE);

const tagSchema = z
  .string({ error: TAG_MESSAGE })
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/, TAG_MESSAGE);

const tlsSchema = z
  .strictObject({
    ca: nameSchema
      .optional()
      .meta({ description: 'Name of the secret that holds the authorities as PEM. Default: those of Node.' }),
    serverName: z
      .string({ error: SERVER_NAME_MESSAGE })
      .max(253, SERVER_NAME_MESSAGE)
      .regex(/^(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*$/, SERVER_NAME_MESSAGE)
      .optional()
      .meta({ description: "The name that Consul's certificate must have. Default: the host of the address." }),
  })
  .meta({ id: 'ConsulTls', description: 'How the certificate of an https address is checked.' });

/** Where the servers of a backend come from when Consul knows them (articles 002 and 003), as operators write it. */
export const consulSourceSchema = z
  .strictObject({
    type: z.literal('consul'),
    address: z
      .string({ error: ADDRESS_MESSAGE })
      .max(300, ADDRESS_MESSAGE)
      // Credentials are refused below, by words that do not repeat them.
      .refine((text) => text.includes('@') || isOrigin(text), ADDRESS_MESSAGE)
      .meta({ description: 'The HTTP API of an agent or server.', examples: ['http://127.0.0.1:8500'] }),
    service: serviceSchema.optional().meta({ description: 'Name of the service.', examples: ['web'] }),
    services: z
      .array(serviceSchema, { error: 'is not a list of services — write ["web", "web-canary"]' })
      .min(1, 'has no services — name at least one')
      .max(MAX_SERVICES, `has more than ${MAX_SERVICES} services — use a source for each part of them`)
      .refine((names) => new Set(names).size === names.length, 'names a service twice — remove one of them')
      .optional()
      .meta({ description: 'Instead of service: several, whose instances are put together.' }),
    use: z.enum(['health', 'catalog'], { error: 'is not known — use "health" or "catalog"' }).optional().meta({
      description:
        'health: instances with their checks; catalog: every registered instance, whatever its checks say. Default "health".',
    }),
    passingOnly: z.boolean({ error: BOOLEAN_MESSAGE }).optional().meta({
      description: 'Leaves out instances with a check that does not pass. Default true; none with the catalog.',
    }),
    datacenter: nameSchema.optional().meta({ description: "Default: the agent's own." }),
    tag: tagSchema.optional().meta({ description: 'Only instances that have this tag. Default: all.' }),
    tags: z
      .array(tagSchema, { error: 'is not a list of tags — write ["primary", "v2"]' })
      .max(MAX_TAGS, `has more than ${MAX_TAGS} tags — remove some`)
      .optional()
      .meta({ description: 'Instead of tag: only instances that have all of these.' }),
    weights: z.enum(['passing', 'none'], { error: 'is not known — use "passing" or "none"' }).optional().meta({
      description: 'passing: the instance\'s weights in Consul, within 1 to 1000; none: 1. Default "passing".',
    }),
    token: nameSchema.optional().meta({ description: 'Name of the secret that holds the ACL token. Default: none.' }),
    stale: z.boolean({ error: BOOLEAN_MESSAGE }).optional().meta({
      description: 'Whether servers other than the leader may answer, from what they know. Default false.',
    }),
    wait: durationSchema({ min: '1s', max: '10m' })
      .optional()
      .meta({ description: 'How long Consul may hold a query back while nothing changes. Default 55s.' }),
    tls: tlsSchema.optional().meta({ description: "For https. Default: Node's authorities, the address's host." }),
  })
  .refine(({ address }) => !address.includes('@'), {
    error: 'has credentials in "address" — remove them, and name the secret with the token by "token"',
  })
  .refine(({ service, services }) => service !== undefined || services !== undefined, {
    path: ['service'],
    error: 'is missing — name the service, or several by "services"',
  })
  .refine(({ service, services }) => service === undefined || services === undefined, {
    path: ['services'],
    error: 'stands beside "service" — keep one of the two',
  })
  .refine(({ tag, tags }) => tag === undefined || tags === undefined, {
    path: ['tags'],
    error: 'stands beside "tag" — keep one of the two',
  })
  .refine(({ use, passingOnly }) => use !== 'catalog' || passingOnly !== true, {
    path: ['passingOnly'],
    error: 'needs checks, of which the catalog says nothing — write "use": "health", or remove it',
  })
  .refine(({ address, tls }) => tls === undefined || !/^http:/i.test(address), {
    path: ['tls'],
    error: 'is of no use with http — write the address with https, or remove it',
  })
  .meta({ id: 'ConsulSource', description: 'The instances of a service in Consul are servers of the backend.' });

export type ConsulSourceDocument = z.infer<typeof consulSourceSchema>;

/** A Consul source with its defaults. */
export interface ConsulSource {
  readonly type: 'consul';
  /** An origin, without a slash at its end. */
  readonly address: string;
  /** At least one. */
  readonly services: readonly string[];
  readonly use: 'health' | 'catalog';
  /** Never with the catalog. */
  readonly passingOnly: boolean;
  /** "" for the agent's own. */
  readonly datacenter: string;
  /** An instance must have all of them. */
  readonly tags: readonly string[];
  readonly weights: 'passing' | 'none';
  /** Name of a secret; "" for none. */
  readonly token: string;
  readonly stale: boolean;
  readonly waitMs: number;
  readonly tls: {
    /** Name of a secret; "" for the authorities of Node. */
    readonly ca: string;
    /** "" for the host of the address. */
    readonly serverName: string;
  };
}

export const consulSourceDefaults = { waitMs: 55_000 } as const;

/** The document with its defaults. */
export function resolveConsulSource(document: ConsulSourceDocument): ConsulSource {
  const { use = 'health', service, services, tag, tags } = document;
  return {
    type: 'consul',
    address: new URL(document.address).origin,
    services: services ?? listOf(service),
    use,
    passingOnly: use === 'health' && (document.passingOnly ?? true),
    datacenter: document.datacenter ?? '',
    tags: tags ?? listOf(tag),
    weights: document.weights ?? 'passing',
    token: document.token ?? '',
    stale: document.stale ?? false,
    waitMs: durationMs(document.wait, consulSourceDefaults.waitMs),
    tls: { ca: document.tls?.ca ?? '', serverName: document.tls?.serverName ?? '' },
  };
}

function listOf(one: string | undefined): readonly string[] {
  return one === undefined ? [] : [one];
}

/** Whether it is an http or https URL of nothing but scheme, host and port. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[\x21-\x7e]+$/i.test(text) && /^[^/]+\/\/[^/@?#\\]+\/?$/.test(text) && URL.canParse(text);
}
