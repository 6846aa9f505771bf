import { createHash, timingSafeEqual } from 'node:crypto';
import { HeadgateError } from '@headgate/shared/error';
import type { AttemptLimit } from '../../access/attempt-limit.ts';
import type { TokenRegister } from '../../access/token-register.ts';
import { tokenScope } from '../../access/token-scope.ts';
import type { Actor } from '../scope.ts';

/**
 * Who the value of an Authorization header stands for; `remote` is the address that it came from.
 * @throws HeadgateError when nobody.
 */
export type Authenticate = (authorization: string | undefined, remote: string) => Actor;

export interface BearerTokens {
  /** The built-in one, which never expires. */
  readonly adminToken: string;
  readonly tokens: Pick<TokenRegister, 'find'>;
  /** Counts bad tokens. A request without any is no attempt. */
  readonly attempts: Pick<AttemptLimit, 'fail'>;
}

const admin: Actor = { name: 'admin', scopes: [tokenScope('admin')] };
const TOKEN_PLACE =
  'send "Authorization: Bearer <token>": one that POST /api/v1/tokens has made, or the admin token, which is in DATA_DIR/admin-token unless it was given';

/** Everyone is admin: for listeners that only this machine reaches. */
export const authenticateNobody: Authenticate = () => admin;

/**
 * Accepts bearer tokens (RFC 6750). Of the built-in one digests are compared, in constant time, so that neither its
 * length nor a prefix can be measured: it may have been given, and be less than random. The others are looked up by
 * their digests.
 */
export function authenticateByToken({ adminToken, tokens, attempts }: BearerTokens): Authenticate {
  const expected = digestOf(adminToken);
  return (authorization, remote) => {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new HeadgateError('HEADGATE_UNAUTHENTICATED', `There is no token — ${TOKEN_PLACE}`);
    if (timingSafeEqual(digestOf(token), expected)) return admin;
    const holder = tokens.find(token);
    if (holder !== undefined) return holder;
    throw refusalOf(attempts.fail(remote));
  };
}

/** The token was revoked, or has expired, since the request began. */
export function tokenEnded(): HeadgateError {
  return new HeadgateError('HEADGATE_UNAUTHENTICATED', `The token was revoked or has expired — ${TOKEN_PLACE}`);
}

function refusalOf(waitMs: number): HeadgateError {
  if (waitMs === 0) {
    const detail = `The token is not known here, was revoked or has expired — ${TOKEN_PLACE}`;
    return new HeadgateError('HEADGATE_UNAUTHENTICATED', detail);
  }
  const detail = 'Too many bad tokens came from this address — wait, and send a good one, which works at any time';
  return new HeadgateError('HEADGATE_TOO_MANY_ATTEMPTS', detail, { retryAfterMs: waitMs });
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
