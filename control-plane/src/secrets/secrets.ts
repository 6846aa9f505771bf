import type { Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import { storeRefusal } from '../access/store-refusal.ts';
import type { AccessAuthor } from '../access/token-register.ts';
import { checkDelete, checkPut, type PutOptions, type Precondition } from '../intent/precondition.ts';
import type { AuditEntry } from '../store/access-store.ts';
import { isReservedSecret, type ReservedSecret } from '../store/reserved-secret.ts';
import type { SecretRecord, SecretStore, StoredSecret } from '../store/secret-store.ts';
import { checkSecrets } from './check-secrets.ts';
import { openValue, sealValue } from './sealed-value.ts';
import type { SecretsKeys } from './secrets-key.ts';

const MOST_SECRETS = 1_000;

export interface SecretsOptions {
  readonly keys: SecretsKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who names a secret, as kind/name: it cannot be removed then. Default: nobody. */
  readonly references?: ((name: string) => readonly string[]) | undefined;
}

export interface SecretPutRequest extends PutOptions {
  readonly name: string;
  readonly value: Buffer;
  readonly who: AccessAuthor;
}

export interface SecretDeleteRequest extends Precondition {
  readonly name: string;
  readonly who: AccessAuthor;
}

/** A value of the control plane's own. */
export interface SecretKeep {
  readonly name: ReservedSecret;
  readonly value: Buffer;
  /** Made durable with it. */
  readonly audit?: readonly AuditEntry[] | undefined;
}

export interface SecretPutResult {
  readonly record: SecretRecord;
  readonly created: boolean;
}

export type SecretRecords = ReadonlyMap<string, SecretRecord>;

/**
 * Secrets: values by name that can be written and used, and never be read by a caller. What is known of them is held in
 * memory, values are not: they are decrypted when somebody needs one.
 */
export class Secrets {
  readonly #store: SecretStore;
  readonly #options: SecretsOptions;
  readonly #records: LatestValue<SecretRecords>;
  /** Revisions of the control plane's own secrets. */
  readonly #reserved: Map<string, number>;
  #stored: readonly StoredSecret[];
  #writes: Promise<unknown> = Promise.resolve();
  #open = false;

  private constructor(store: SecretStore, stored: readonly StoredSecret[], options: SecretsOptions) {
    this.#store = store;
    this.#stored = stored;
    this.#options = options;
    this.#records = new LatestValue<SecretRecords>(recordsOf(stored));
    const reserved = stored.filter(({ name }) => isReservedSecret(name));
    this.#reserved = new Map(reserved.map(({ name, revision }) => [name, revision]));
  }

  /**
   * Reads every secret once. Changes nothing.
   *
   * @throws SecretsRefusedError when one cannot be read with these keys
   */
  static async create(store: SecretStore, options: SecretsOptions): Promise<Secrets> {
    const stored = await store.load();
    checkSecrets(stored, options.keys);
    return new Secrets(store, stored, options);
  }

  /**
   * Takes writes from now on. What is not encrypted under the current key is so when it resolves, and nothing of its
   * former spelling is left in the store's files.
   *
   * @throws StoreFullError, StoreFailedError
   */
  async start(): Promise<void> {
    const { keys, logger } = this.#options;
    const stored = this.#stored;
    this.#stored = [];
    if (keys.current === undefined) warnOfClear(stored, logger);
    else await this.#reseal(stored.filter(({ sealed }) => sealed.keyId !== keys.current?.id));
    const leftOut = await this.#store.leftOut();
    if (leftOut.length > 0) logger.warn({ secrets: leftOut }, 'the restored backup lacked secrets: set them again');
    this.#open = true;
  }

  /** Lets writes finish. Later ones are refused. */
  async close(): Promise<void> {
    this.#open = false;
    await this.#writes;
  }

  /** What is known of all secrets of callers, by name. */
  get records(): ReadableValue<SecretRecords> {
    return this.#records;
  }

  /**
   * The value of a secret, for those who use it; undefined when there is none of that name. It must reach no answer, no
   * log and no error.
   *
   * @throws StoreFailedError
   */
  async read(name: string): Promise<Buffer | undefined> {
    const stored = await this.#store.read(name);
    if (stored === undefined) return undefined;
    const opened = openValue(this.#options.keys, name, stored.sealed);
    if (opened.ok) return opened.value;
    throw new Error(`the secret ${JSON.stringify(name)} cannot be decrypted (${opened.reason})`);
  }

  /**
   * Creates or replaces a secret. Equal values are written again, too: an answer that told them apart would tell the
   * value to whoever guesses.
   *
   * @throws HeadgateError HEADGATE_STALE, HEADGATE_ALREADY_EXISTS, HEADGATE_INVALID when there are too many,
   *   HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  put(request: SecretPutRequest): Promise<SecretPutResult> {
    return this.#write(() => this.#putNow(request));
  }

  /**
   * @throws HeadgateError HEADGATE_STALE, HEADGATE_NOT_FOUND, HEADGATE_IN_USE, HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  remove(request: SecretDeleteRequest): Promise<void> {
    return this.#write(() => this.#removeNow(request));
  }

  /**
   * Creates or replaces a secret of the control plane's own. It lies and is encrypted like the others, counts for no
   * limit, and only `read` finds it.
   *
   * @throws HeadgateError HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  keep(secret: SecretKeep): Promise<void> {
    return this.#write(() => this.#keepNow(secret));
  }

  async #keepNow({ name, value, audit }: SecretKeep): Promise<void> {
    const sealed = sealValue(this.#options.keys.current, name, value);
    const expected = this.#reserved.get(name);
    const at = this.#options.clock.now();
    const { revision } = await this.#store.put({ name, expected, at, size: value.length, sealed, audit });
    this.#reserved.set(name, revision);
  }

  async #putNow(request: SecretPutRequest): Promise<SecretPutResult> {
    const { name, value, who } = request;
    const present = this.#records.value.get(name);
    checkPut({ title: `secret ${name}`, revision: present?.revision }, request);
    if (present === undefined) assertRoom(this.#records.value.size);
    const sealed = sealValue(this.#options.keys.current, name, value);
    const at = this.#options.clock.now();
    const put = { name, expected: present?.revision, at, size: value.length, sealed };
    const record = await this.#store.put({ ...put, audit: [entryOf(name, at, who)] });
    this.#records.set(new Map(this.#records.value).set(name, record));
    return { record, created: present === undefined };
  }

  async #removeNow(request: SecretDeleteRequest): Promise<void> {
    const { name, who } = request;
    const present = this.#records.value.get(name);
    checkDelete({ title: `secret ${name}`, revision: present?.revision }, request);
    const users = this.#options.references?.(name) ?? [];
    if (users.length > 0) throw inUse(name, users);
    const at = this.#options.clock.now();
    await this.#store.remove({ name, expected: present?.revision, at, audit: [entryOf(name, at, who)] });
    const rest = new Map(this.#records.value);
    rest.delete(name);
    this.#records.set(rest);
  }

  /** Writes happen one after the other, each on what the one before it has left. */
  #write<T>(action: () => Promise<T>): Promise<T> {
    if (!this.#open) {
      return Promise.reject(new HeadgateError('HEADGATE_UNAVAILABLE', 'The control plane is starting or stopping'));
    }
    const written = this.#writes.then(action).catch((error: unknown) => {
      throw storeRefusal(error);
    });
    this.#writes = written.catch(() => undefined);
    return written;
  }

  async #reseal(stored: readonly StoredSecret[]): Promise<void> {
    const { keys, logger } = this.#options;
    for (const { name, revision, sealed } of stored) {
      const opened = openValue(keys, name, sealed);
      if (opened.ok) await this.#store.reseal(name, revision, sealValue(keys.current, name, opened.value));
    }
    if (stored.length === 0) return;
    await this.#store.scrub();
    logger.info({ secrets: stored.length, key: keys.current?.id }, 'secrets are encrypted under the current key');
  }
}

function entryOf(name: string, at: number, { author, message, origin }: AccessAuthor): AuditEntry {
  return {
    ...origin,
    at,
    outcome: 'written',
    actor: author,
    message,
    objects: [`secret/${name}`],
    changes: 1,
    count: 1,
  };
}

function recordsOf(stored: readonly StoredSecret[]): SecretRecords {
  return new Map(
    stored
      .filter(({ name }) => !isReservedSecret(name))
      .map(({ name, revision, createdAt, updatedAt, size }) => [name, { name, revision, createdAt, updatedAt, size }]),
  );
}

function warnOfClear(stored: readonly StoredSecret[], logger: Logger): void {
  const secrets = stored.filter(({ name }) => !isReservedSecret(name)).length;
  if (secrets === 0) return;
  logger.warn(
    { secrets },
    'HEADGATE_SECRETS_KEY is not set: secrets lie in the database as they are, and backups leave them out',
  );
}

function assertRoom(present: number): void {
  if (present < MOST_SECRETS) return;
  const fix = 'delete those that are no longer needed';
  const detail = `there are ${MOST_SECRETS.toLocaleString('en-US')} secrets already, which is the most`;
  throw new HeadgateError('HEADGATE_INVALID', `One more does not fit: ${detail} — ${fix}`, {
    faults: [{ pointer: '', code: 'too_many', detail, fix }],
  });
}

function inUse(name: string, users: readonly string[]): HeadgateError {
  const fix = 'change what names it first';
  return new HeadgateError('HEADGATE_IN_USE', `The secret ${name} is in use — ${fix}`, {
    faults: users.map((user) => ({ pointer: '', code: 'secret_in_use', detail: `${user} names it`, fix })),
  });
}
