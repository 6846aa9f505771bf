import { z } from 'zod';

const MESSAGE =
  'is not a scope — use read, write, write:backends/<name>, register:backends/<name> or admin; <name> is that of a backend';

const PATTERN = /^(read|write|admin|(write|register):backends\/[A-Za-z0-9][A-Za-z0-9._-]{0,62})$/;

/**
 * What a token lets its holder do:
 *
 * - `admin`: everything.
 * - `write`: everything but tokens, the join token and the audit log.
 * - `read`: read the same.
 * - `write:backends/web`: read and write the backend web and its servers; nothing else.
 * - `register:backends/web`: register servers of the backend web, take them back, and see them; nothing else.
 */
export type TokenScope = string & { readonly scope: unique symbol };

/** Schema of a scope. */
export const tokenScopeSchema = z
  .string({ error: MESSAGE })
  .regex(PATTERN, MESSAGE)
  .transform((text) => text as TokenScope);

/** A scope that is known to be one. @throws TypeError */
export function tokenScope(text: string): TokenScope {
  if (!PATTERN.test(text)) throw new TypeError(`${JSON.stringify(text)} is not a scope`);
  return text as TokenScope;
}

/** Whether a scope that was granted is, or includes, the one that is needed. */
export function includesScope(granted: TokenScope, needed: TokenScope): boolean {
  if (granted === 'admin' || granted === needed) return true;
  return granted === 'write' && needed !== 'admin';
}
