import { createHash } from 'node:crypto';
import type { SessionKey, SessionKeySet } from '../affinity/session-key.ts';
import { MOST_SESSION_KEYS, SECRET_BYTES, SESSION_KEY_ID } from './read-session-keys.ts';

const FORMAT = 1;

/** The text of a file with keys, and with the digest by which damage is noticed. */
export function writeSessionKeyDocument(keys: SessionKeySet): string {
  const written = keys.map(({ id, secret, issuing }) => ({ id, secret: secret.toString('base64url'), issuing }));
  return `${JSON.stringify({ format: FORMAT, keys: written, digest: digestOf(written) })}\n`;
}

/** The keys of a text; undefined when it is none that was written whole. The text may be anything. */
export function readSessionKeyDocument(text: string): SessionKeySet | undefined {
  const document = parse(text);
  if (!isRecord(document) || document['format'] !== FORMAT) return undefined;
  const { keys, digest } = document;
  if (!Array.isArray(keys) || keys.length > MOST_SESSION_KEYS || digest !== digestOf(keys)) return undefined;
  const read = keys.map(readKey);
  return read.every((key) => key !== undefined) ? read : undefined;
}

function digestOf(keys: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(keys)).digest('base64url');
}

function readKey(key: unknown): SessionKey | undefined {
  if (!isRecord(key)) return undefined;
  const { id, secret, issuing } = key;
  if (typeof id !== 'string' || typeof secret !== 'string' || typeof issuing !== 'boolean') return undefined;
  const bytes = Buffer.from(secret, 'base64url');
  return SESSION_KEY_ID.test(id) && bytes.length === SECRET_BYTES ? { id, secret: bytes, issuing } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
