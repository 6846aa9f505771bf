import { createHash, timingSafeEqual } from 'node:crypto';
import { HeadgateError } from '@headgate/shared/error';
import type { Actor } from '../scope.ts';

/** Who the value of an Authorization header stands for. @throws HeadgateError when nobody. */
export type Authenticate = (authorization: string | undefined) => Actor;

const admin: Actor = { name: 'admin', scope: 'admin' };
const TOKEN_PLACE = 'send "Authorization: Bearer <admin token>"; it is in DATA_DIR/admin-token unless it was given';

/** Everyone is admin: for listeners that only this machine reaches. */
export const authenticateNobody: Authenticate = () => admin;

/**
 * Accepts one bearer token (RFC 6750). Digests are compared, in constant time, so that neither the length nor a prefix
 * of the token can be measured.
 */
export function authenticateByToken(adminToken: string): Authenticate {
  const expected = digestOf(adminToken);
  return (authorization) => {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw new HeadgateError('HEADGATE_UNAUTHENTICATED', `There is no token — ${TOKEN_PLACE}`);
    if (timingSafeEqual(digestOf(token), expected)) return admin;
    throw new HeadgateError('HEADGATE_UNAUTHENTICATED', `The token is not known here — ${TOKEN_PLACE}`);
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
