import { headerNameRule } from '@headgate/shared/model/route-conditions';
import { methodSchema } from '@headgate/shared/model/route-match';
import { normaliseAuthority } from '@headgate/shared/routing/normalise-authority';
import { readTarget } from '@headgate/shared/routing/request-target';
import { RequestView, type RoutedRequest } from '@headgate/shared/routing/routed-request';
import { z } from 'zod';

const URL_MESSAGE =
  'is not a URL of a request — write http:// or https://, a host, and path and query percent-encoded, without "#"';
const HOST_MESSAGE = 'is not a host of a request — write a name or an IP address, with or without a port';
const PATH_MESSAGE =
  'is not a path of a request — begin with "/", percent-encode what is not visible ASCII, and leave "#" out';
const NAME_MESSAGE =
  'is not the name of a header — use letters, digits and hyphens; the host is told by "url" or "host"';
const VALUE_MESSAGE = 'is not the value of a header, or a list of them — use at most 8,192 printable ASCII characters';
const PLACE_MESSAGE = 'does not say where the request goes — write either "url", or "host" and perhaps "path"';

const MAX_LENGTH = 8_192;
/** What data planes take. */
const MAX_HEADERS = 100;

const valueSchema = z
  .string({ error: VALUE_MESSAGE })
  .max(MAX_LENGTH, VALUE_MESSAGE)
  .regex(/^[\t\x20-\x7e]*$/, VALUE_MESSAGE);

const headersSchema = z
  .record(
    z.string().max(headerNameRule.maxLength, NAME_MESSAGE).regex(headerNameRule.pattern, NAME_MESSAGE),
    z.union([valueSchema, z.array(valueSchema)], { error: VALUE_MESSAGE }),
    { error: 'is not an object of headers — write {"canary": "yes"}' },
  )
  .refine(
    (headers) => Object.values(headers).flat().length <= MAX_HEADERS,
    `has more than ${MAX_HEADERS} headers — remove some`,
  );

/** A request of which is asked where it would go. */
export const simulatedRequestSchema = z
  .strictObject({
    method: methodSchema.optional().meta({ description: 'Default GET.' }),
    url: z
      .string({ error: URL_MESSAGE })
      .max(MAX_LENGTH, URL_MESSAGE)
      .refine((url) => readUrl('GET', url) !== undefined, URL_MESSAGE)
      .optional()
      .meta({ description: 'Either this or host and path.', examples: ['https://app.example.com/api?page=2'] }),
    host: z
      .string({ error: HOST_MESSAGE })
      .refine((host) => normaliseAuthority(host) !== undefined, HOST_MESSAGE)
      .optional(),
    path: z
      .string({ error: PATH_MESSAGE })
      .max(MAX_LENGTH, PATH_MESSAGE)
      .refine((path) => path.startsWith('/') && readTarget('GET', path) !== undefined, PATH_MESSAGE)
      .optional()
      .meta({ description: 'Path and query as they are sent. Default "/".' }),
    headers: headersSchema
      .optional()
      .meta({ description: 'As the client would send them; a list for several lines of one name.' }),
  })
  .refine(
    ({ url, host, path }) => (url === undefined ? host !== undefined : (host ?? path) === undefined),
    PLACE_MESSAGE,
  )
  .meta({ id: 'SimulatedRequest' });

export type SimulatedRequest = z.infer<typeof simulatedRequestSchema>;

/** A request as routing takes it. */
export interface ReadRequest {
  /** Normalised. */
  readonly authority: string;
  readonly request: RoutedRequest;
}

/** The request as a data plane would read it. It must be valid. */
export function readSimulatedRequest(simulated: SimulatedRequest): ReadRequest {
  const { method = 'GET', url, host = '', path = '/', headers = {} } = simulated;
  const place = url === undefined ? { authority: normaliseAuthority(host), target: path } : readUrl(method, url);
  if (place?.authority === undefined) throw new Error('a request without a host was to be simulated');
  return { authority: place.authority, request: new RequestView(method, place.target, rawHeadersOf(headers)) };
}

function readUrl(method: string, url: string): { readonly authority: string; readonly target: string } | undefined {
  const { authority: written, target } = readTarget(method, url) ?? {};
  const authority = written === undefined ? undefined : normaliseAuthority(written);
  return authority === undefined || target === undefined ? undefined : { authority, target };
}

/** Spaces around a value are none of its own (RFC 9110 section 5.5). */
function rawHeadersOf(headers: NonNullable<SimulatedRequest['headers']>): readonly string[] {
  return Object.entries(headers).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value.trim()]));
}
