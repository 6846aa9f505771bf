import { createHmac } from 'node:crypto';

/** A key that encrypts the values of secrets: 256 bits. It must reach no log. */
export interface SecretsKey {
  /** Tells keys apart and says nothing of them: 16 hexadecimal digits. Stored beside every value. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** What encrypts, and what may still be needed to read values that were written before it. */
export interface SecretsKeys {
  readonly current?: SecretsKey | undefined;
  readonly previous?: SecretsKey | undefined;
}

export function secretsKey(bytes: Buffer): SecretsKey {
  return { id: createHmac('sha256', bytes).update('headgate secrets key id').digest('hex').slice(0, 16), bytes };
}
