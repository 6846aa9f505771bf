import { randomBytes, randomInt } from 'node:crypto';
import type { SessionKey, SessionKeySet } from './session-key.ts';

const ID_LENGTH = 4;
const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SECRET_BYTES = 32;

/** A new key with an id that none of the others has. */
export function makeKey(others: SessionKeySet, createdAt: number): Pick<SessionKey, 'id' | 'secret' | 'createdAt'> {
  let id = randomId();
  while (others.some((key) => key.id === id)) id = randomId();
  return { id, secret: randomBytes(SECRET_BYTES), createdAt };
}

function randomId(): string {
  return Array.from({ length: ID_LENGTH }, () => ID_CHARACTERS[randomInt(ID_CHARACTERS.length)]).join('');
}
