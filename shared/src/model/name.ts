import { z } from 'zod';

const MESSAGE =
  'is not a name — use 1 to 63 letters, digits, dots, underscores and hyphens, beginning with a letter or digit';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Names of backends and of every other named object. */
export const nameSchema = z.string({ error: MESSAGE }).regex(NAME, MESSAGE);

/** Whether a value is a name. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}
