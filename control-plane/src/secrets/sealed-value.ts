import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SealedValue } from '../store/secret-store.ts';
import type { SecretsKey, SecretsKeys } from './secrets-key.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a value by AES-256-GCM (NIST SP 800-38D) under a random nonce. The name is authenticated with it: a value
 * that was moved to another name does not open. Without a key the value stays as it is.
 */
export function sealValue(key: SecretsKey | undefined, name: string, value: Buffer): SealedValue {
  if (key === undefined) return { nonce: Buffer.alloc(0), bytes: value };
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES }).setAAD(
    Buffer.from(name),
  );
  const bytes = Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  return { keyId: key.id, nonce, bytes };
}

export type OpenedValue =
  | { readonly ok: true; readonly value: Buffer }
  /** unknown_key: none of the keys is the one that it was encrypted under. forged: neither value nor name may differ. */
  | { readonly ok: false; readonly reason: 'unknown_key' | 'forged' };

/** The value again, by whichever key it was encrypted under. */
export function openValue({ current, previous }: SecretsKeys, name: string, sealed: SealedValue): OpenedValue {
  if (sealed.keyId === undefined) return { ok: true, value: sealed.bytes };
  const key = [current, previous].find((candidate) => candidate?.id === sealed.keyId);
  if (key === undefined) return { ok: false, reason: 'unknown_key' };
  const value = decrypt(key, name, sealed);
  return value === undefined ? { ok: false, reason: 'forged' } : { ok: true, value };
}

function decrypt(key: SecretsKey, name: string, { nonce, bytes }: SealedValue): Buffer | undefined {
  if (nonce.length !== NONCE_BYTES || bytes.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
