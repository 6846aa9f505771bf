import type { makeKey } from './make-key.ts';
import type { SessionKey, SessionKeySet } from './session-key.ts';

/**
 * Rotation in three steps, so that no cookie is ever unknown to a data plane that is connected:
 *
 * 1. `beginRotation`: a new key is read everywhere, and cookies are still made with the old one.
 * 2. `completeRotation`, when every data plane has it: cookies are made with the new key, and the old one is only read.
 *    A cookie of the old one is replaced in the next answer.
 * 3. `dropExpired`, after the grace: who has not come back meanwhile is balanced like a new client.
 */
export function beginRotation(keys: SessionKeySet, made: ReturnType<typeof makeKey>, graceMs: number): SessionKeySet {
  return [{ ...made, state: 'accepted', graceMs }, ...keys];
}

/** Keys that were replaced before hold no longer than the one that is replaced now. */
export function completeRotation(keys: SessionKeySet, now: number): SessionKeySet {
  const next = keys.find((key) => key.state === 'accepted');
  if (next === undefined) return keys;
  const expiresAt = now + next.graceMs;
  return keys.map((key) => (key === next ? issuing(key) : retiring(key, expiresAt)));
}

export function dropExpired(keys: SessionKeySet, now: number): SessionKeySet {
  const held = keys.filter((key) => key.state !== 'retiring' || key.expiresAt > now);
  return held.length === keys.length ? keys : held;
}

function issuing({ id, secret, createdAt }: SessionKey): SessionKey {
  return { id, secret, createdAt, state: 'issuing' };
}

function retiring(key: SessionKey, time: number): SessionKey {
  const { id, secret, createdAt } = key;
  const expiresAt = key.state === 'retiring' ? Math.min(key.expiresAt, time) : time;
  return { id, secret, createdAt, state: 'retiring', expiresAt };
}
