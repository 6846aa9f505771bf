import { durationMs, durationSchema } from '@headgate/shared/model/duration';
import { normaliseHostPattern } from '@headgate/shared/model/host-pattern';
import { nameSchema } from '@headgate/shared/model/name';
import { serverEndpoint } from '@headgate/shared/model/server';
import { parseServerEndpoint } from '@headgate/shared/model/server-address';
import { z } from 'zod';
import { layerNames } from '../membership/membership-state.ts';

const ENDPOINT_MESSAGE = 'is not an address and a port — write 10.0.0.11:8080, [fd00::11]:8080 or web.internal:8080';
const PATTERN_MESSAGE = 'is not a host — write app.example.com, *.example.com, an IP address or *';
const ID_MESSAGE = 'is not the id of a data plane — use 1 to 253 visible ASCII characters, percent-encoded';
const LAYER_MESSAGE = `is not a document layer — use one of ${layerNames.join(', ')}`;
const VERSION_MESSAGE = 'is not a version — use a whole number from 1 up, or newest';

/** `{name}` of a backend. */
export const backendParams = z.strictObject({ name: nameSchema });

/** `{name}` of a token. */
export const tokenParams = z.strictObject({ name: nameSchema });

/** `{name}` of a backend and `{endpoint}` of a server, made canonical. */
export const serverParams = z.strictObject({
  name: nameSchema,
  endpoint: z
    .string()
    .refine((text) => parseServerEndpoint(text) !== undefined, ENDPOINT_MESSAGE)
    .transform((text) => serverEndpoint(parseServerEndpoint(text)!))
    .meta({ description: 'address:port; IPv6 in brackets, percent-encoded or not.', examples: ['10.0.0.11:8080'] }),
});

/** `{name}` of a secret. */
export const secretParams = z.strictObject({ name: nameSchema });

/** `{layer}`: a document layer. */
export const layerParams = z.strictObject({ layer: z.enum(layerNames, LAYER_MESSAGE) });

/** `{pattern}` of a host, made canonical. */
export const hostParams = z.strictObject({
  pattern: z
    .string()
    .max(300, PATTERN_MESSAGE)
    .refine((text) => normaliseHostPattern(text) !== undefined, PATTERN_MESSAGE)
    .transform((text) => normaliseHostPattern(text)!)
    .meta({ description: 'The host as it was written, in any spelling.', examples: ['*.example.com'] }),
});

/** `{id}` of a data plane. */
export const dataPlaneParams = z.strictObject({
  id: z
    .string()
    .max(253, ID_MESSAGE)
    .regex(/^[\x21-\x7e]+$/, ID_MESSAGE),
});

/** `{version}`; undefined is the newest. */
export const versionParams = z.strictObject({
  version: z
    .string()
    .regex(/^(newest|[1-9]\d{0,14})$/, VERSION_MESSAGE)
    .transform((text) => (text === 'newest' ? undefined : Number(text)))
    .meta({ description: 'A number, or newest.', examples: ['newest'] }),
});

/** Milliseconds of `wait=10s`. */
export const waitSchema = durationSchema({ min: '0s', max: '5m' })
  .default('0s')
  .transform((text) => durationMs(text, 0))
  .meta({ description: 'How long to wait for it, at most 5m.', examples: ['10s'] });
