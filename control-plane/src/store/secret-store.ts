import type { AuditEntry } from './access-store.ts';

/** A secret's value as the medium holds it. */
export interface SealedValue {
  /** Which key it is encrypted under; undefined: none, the bytes are the value itself. */
  readonly keyId?: string | undefined;
  /** Of the encryption; empty without a key. */
  readonly nonce: Buffer;
  readonly bytes: Buffer;
}

/** What is known of a secret without its value. */
export interface SecretRecord {
  readonly name: string;
  /** Counts writes of secrets, and is never given twice: a secret that was removed and made again has another one. */
  readonly revision: number;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Of the value, in bytes. */
  readonly size: number;
}

export interface StoredSecret extends SecretRecord {
  readonly sealed: SealedValue;
}

export interface SecretWrite {
  readonly name: string;
  /** The revision of what is there; undefined: nothing. */
  readonly expected: number | undefined;
  /** Unix time in milliseconds. */
  readonly at: number;
  /** Made durable together with the write. */
  readonly audit?: readonly AuditEntry[] | undefined;
}

export interface SecretPut extends SecretWrite {
  readonly size: number;
  readonly sealed: SealedValue;
}

/**
 * Where secrets live: beside the configuration, in the same store, and outside its revisions. Values arrive and leave as
 * they are to lie on the medium: the store knows no key.
 */
export interface SecretStore {
  /**
   * Every secret, by name.
   * @throws StoreFailedError
   */
  load(): Promise<readonly StoredSecret[]>;
  /**
   * The newest of one name; undefined when there is none.
   * @throws StoreFailedError
   */
  read(name: string): Promise<StoredSecret | undefined>;
  /**
   * Creates or replaces a secret, durable when it resolves.
   * @throws StaleRevisionError when something else is there than expected; StoreFullError, StoreFailedError.
   */
  put(secret: SecretPut): Promise<SecretRecord>;
  /** @throws StaleRevisionError when something else is there than expected; StoreFullError, StoreFailedError. */
  remove(secret: SecretWrite): Promise<void>;
  /**
   * Puts the same value under another key: nothing that a reader sees changes.
   * @throws StaleRevisionError when it was replaced or removed meanwhile; StoreFullError, StoreFailedError.
   */
  reseal(name: string, revision: number, sealed: SealedValue): Promise<void>;
  /**
   * Overwrites, as far as the medium lets it, what values that were replaced or removed have left behind.
   * @throws StoreFullError, StoreFailedError
   */
  scrub(): Promise<void>;
  /** Names of secrets that a restored backup did not hold, because no key was set when it was made. */
  leftOut(): Promise<readonly string[]>;
}
