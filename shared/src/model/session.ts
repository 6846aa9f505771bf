import { z } from 'zod';
import { durationMs, durationSchema } from './duration.ts';
import { TOKEN } from './token.ts';

const NAME_MESSAGE = "is not a name of a cookie — use 1 to 64 letters, digits and !#$%&'*+-.^_`|~";
const PATH_MESSAGE = 'is not a path of a cookie — begin with "/", at most 256 visible ASCII characters, without ";"';
const DOMAIN_MESSAGE = 'is not a domain — write a name such as example.com, without a scheme or port';

/** A session: the cookie that brings a client back to its server (article 000), as operators write it. */
export const sessionSchema = z
  .strictObject({
    cookie: z
      .string({ error: NAME_MESSAGE })
      .max(64, NAME_MESSAGE)
      .regex(TOKEN, NAME_MESSAGE)
      .optional()
      .meta({ description: 'Name of the cookie. Default "route".' }),
    path: z
      .string({ error: PATH_MESSAGE })
      .max(256, PATH_MESSAGE)
      .regex(/^\/[\x21-\x3a\x3c-\x7e]*$/, PATH_MESSAGE)
      .optional()
      .meta({ description: 'Path attribute. Default "/".' }),
    domain: z
      .string({ error: DOMAIN_MESSAGE })
      .max(253, DOMAIN_MESSAGE)
      .regex(/^(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*$/, DOMAIN_MESSAGE)
      .optional()
      .meta({ description: 'Domain attribute. Default: none, the host that was asked.' }),
    maxAge: durationSchema({ min: '1s', max: '8760h' })
      .optional()
      .meta({ description: 'Max-Age attribute, in whole seconds. Default: none, as long as the browser runs.' }),
    sameSite: z
      .enum(['Lax', 'Strict', 'None'], { error: 'is not a SameSite value — use "Lax", "Strict" or "None"' })
      .optional()
      .meta({ description: 'SameSite attribute. Default "Lax". "None" needs "secure": "always".' }),
    secure: z
      .enum(['auto', 'always', 'never'], { error: 'is not known — use "auto", "always" or "never"' })
      .optional()
      .meta({ description: 'Secure attribute; auto: where the client came over TLS. Default "auto".' }),
    strip: z
      .boolean({ error: 'is not a boolean — use true or false' })
      .optional()
      .meta({ description: 'Whether the cookie is removed before the server sees the request. Default false.' }),
  })
  .refine(({ sameSite, secure }) => sameSite !== 'None' || secure === 'always', {
    path: ['sameSite'],
    error: 'is "None", which browsers accept with Secure only — add "secure": "always"',
  })
  .meta({ id: 'Session', description: 'A cookie that brings a client back to its server.' });

export type SessionDocument = z.infer<typeof sessionSchema>;

/** A session as data planes know it. */
export interface Session {
  readonly cookie: string;
  readonly path: string;
  /** "" for none. */
  readonly domain: string;
  /** 0 for none. */
  readonly maxAgeSeconds: number;
  /** Lax, Strict or None. */
  readonly sameSite: string;
  /** auto, always or never. */
  readonly secure: string;
  readonly strip: boolean;
}

/** The document with its defaults. */
export function resolveSession(document: SessionDocument): Session {
  return {
    cookie: document.cookie ?? 'route',
    path: document.path ?? '/',
    domain: document.domain ?? '',
    maxAgeSeconds: Math.floor(durationMs(document.maxAge, 0) / 1_000),
    sameSite: document.sameSite ?? 'Lax',
    secure: document.secure ?? 'auto',
    strip: document.strip ?? false,
  };
}
