import { hash, randomBytes } from 'node:crypto';

const PREFIX = 'hg_';
const RANDOM_BYTES = 32;

/** A new token of the API. The prefix lets scanners of repositories and logs find one that has leaked. */
export function makeToken(): string {
  return `${PREFIX}${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}

/**
 * What is kept of a token: its SHA-256, base64url. Neither salt nor a slow function is needed, because the token is 256
 * random bits: there is no list of likely ones to try, and no two are alike. A digest that may be looked up in a Map
 * makes authentication cost the same for one token and for a thousand; how long the look-up takes tells of the digest
 * alone, which nobody can turn into a token.
 */
export function digestOfToken(token: string): string {
  return hash('sha256', token, 'base64url');
}
