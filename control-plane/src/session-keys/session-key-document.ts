import { z } from 'zod';
import type { SessionKeySet } from './session-key.ts';

const timeSchema = z.int().nonnegative();
const common = {
  id: z.string().regex(/^[A-Za-z0-9]{1,16}$/),
  secret: z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(({ length }) => length === 32),
  createdAt: timeSchema,
};

const documentSchema = z.strictObject({
  format: z.literal(1),
  keys: z
    .array(
      z.discriminatedUnion('state', [
        z.strictObject({ ...common, state: z.literal('accepted'), graceMs: timeSchema }),
        z.strictObject({ ...common, state: z.literal('issuing') }),
        z.strictObject({ ...common, state: z.literal('retiring'), expiresAt: timeSchema }),
      ]),
    )
    .refine((keys) => keys.filter(({ state }) => state === 'issuing').length === 1),
});

/** The keys as the store keeps them. */
export function writeSessionKeys(keys: SessionKeySet): Buffer {
  const document = { format: 1, keys: keys.map((key) => ({ ...key, secret: key.secret.toString('base64') })) };
  return Buffer.from(JSON.stringify(document));
}

/** The keys again; undefined when this release cannot read them. */
export function readSessionKeys(bytes: Buffer): SessionKeySet | undefined {
  try {
    const result = documentSchema.safeParse(JSON.parse(bytes.toString()));
    return result.success ? result.data.keys : undefined;
  } catch {
    return undefined;
  }
}
