import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { ServerSlot } from '../upstream/server-slots.ts';
import type { SessionKey } from './session-key.ts';

/** So many bits that nobody finds the value of a server by trying. */
const DIGEST_BYTES = 16;

/**
 * The cookie values of servers by one key: `<key id>.<base64url of the first 16 bytes of HMAC-SHA256(key, server key)>`.
 * They say nothing of the server, and are the same on every data plane. Each is computed once.
 */
export class KeyTable {
  readonly id: string;
  readonly #secret: KeyObject;
  readonly #bytes: Buffer;
  /** By slot. */
  readonly #values: (string | undefined)[] = [];
  readonly #servers = new Map<string, ServerSlot>();

  constructor({ id, secret }: SessionKey) {
    this.id = id;
    this.#bytes = secret;
    this.#secret = createSecretKey(secret);
  }

  isOf({ id, secret }: SessionKey): boolean {
    return this.id === id && this.#bytes.equals(secret);
  }

  add(server: ServerSlot): void {
    const digest = createHmac('sha256', this.#secret).update(server.key).digest();
    const value = `${this.id}.${digest.subarray(0, DIGEST_BYTES).toString('base64url')}`;
    this.#values[server.slot] = value;
    this.#servers.set(value, server);
  }

  has({ slot }: ServerSlot): boolean {
    return this.#values[slot] !== undefined;
  }

  remove({ slot }: ServerSlot): void {
    const value = this.#values[slot];
    if (value !== undefined) this.#servers.delete(value);
    this.#values[slot] = undefined;
  }

  valueOf({ slot }: ServerSlot): string | undefined {
    return this.#values[slot];
  }

  serverOf(value: string): ServerSlot | undefined {
    return this.#servers.get(value);
  }
}
