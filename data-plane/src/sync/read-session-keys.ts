import type { SessionKeys } from '@headgate/proto/generated/headgate/v1/control_plane';
import type { SessionKeySet } from '../affinity/session-key.ts';
import { ProtocolError } from './update-assembly.ts';

export const SESSION_KEY_ID = /^[A-Za-z0-9]{1,16}$/;
export const SECRET_BYTES = 32;
/** Every server has a value by each. */
export const MOST_SESSION_KEYS = 16;

/**
 * The keys of a message.
 *
 * @throws ProtocolError for keys that cookies cannot be made with; its text shows no secret
 */
export function readSessionKeys({ keys }: SessionKeys): SessionKeySet {
  if (keys.length > MOST_SESSION_KEYS) throw new ProtocolError(`${keys.length} session keys came`);
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new ProtocolError('two session keys have one id');
  if (keys.filter(({ issuing }) => issuing).length > 1) throw new ProtocolError('two session keys are issuing');
  return keys.map(({ id, secret, issuing }) => {
    if (!SESSION_KEY_ID.test(id)) throw new ProtocolError('the id of a session key is not made of letters and digits');
    if (secret.length !== SECRET_BYTES) throw new ProtocolError(`a session key has not ${SECRET_BYTES} bytes`);
    return { id, secret: Buffer.from(secret), issuing };
  });
}
