import { every, type Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';
import { LatestValue, type ReadableValue } from '@headgate/shared/latest-value';
import type { Logger } from '@headgate/shared/logger';
import type { AccessAuthor } from '../access/token-register.ts';
import { SecretsRefusedError } from '../secrets/secrets-refused-error.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { AuditEntry } from '../store/access-store.ts';
import type { ReservedSecret } from '../store/reserved-secret.ts';
import { makeKey } from './make-key.ts';
import { beginRotation, completeRotation, dropExpired } from './rotate-keys.ts';
import { readSessionKeys, writeSessionKeys } from './session-key-document.ts';
import { CONVERGENCE_MS, type SessionKey, type SessionKeySet } from './session-key.ts';

const NAME: ReservedSecret = '.session-keys';
const LOOK_EVERY_MS = 1_000;
const TRY_AGAIN_MS = 10_000;
/** Data planes compute a value of every server for each key. */
const MOST_RETIRING = 3;

export interface SessionKeysOptions {
  readonly secrets: Pick<Secrets, 'read' | 'keep'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface KeyRotation extends AccessAuthor {
  /** How long the former key is still read once the new one has taken over, in milliseconds. */
  readonly graceMs: number;
}

/** What may be told of a key. Times are Unix times in milliseconds. */
export interface SessionKeyStatus {
  readonly id: string;
  readonly createdAt: number;
  readonly state: SessionKey['state'];
  /** When an accepted one is to be issuing. */
  readonly issuesAt?: number;
  /** When a retiring one goes. */
  readonly expiresAt?: number;
}

/**
 * The keys of session cookies: made at the first start, kept among the secrets, rotated in three steps.
 *
 * Every step is durable before anybody hears of it: after a kill at any moment the next process goes on from the last
 * step. A new key is issuing when this process has held it for 60 s, counted anew after a restart, because data planes
 * have to come back first. While the store takes no writes the keys stay as they are, which loses no session.
 */
export class SessionKeys {
  readonly #options: SessionKeysOptions;
  readonly #keys: LatestValue<SessionKeySet>;
  /** By the clock that only grows. */
  #heldSinceMs: number;
  #retryAtMs = 0;
  #writes: Promise<unknown> = Promise.resolve();
  #stopLooking: () => void = () => undefined;
  #closed = false;

  private constructor(options: SessionKeysOptions, keys: SessionKeySet) {
    this.#options = options;
    this.#keys = new LatestValue<SessionKeySet>(keys);
    this.#heldSinceMs = options.clock.monotonic();
  }

  /**
   * Reads the keys, or makes the first one. When that cannot be stored there are none until it can.
   *
   * @throws SecretsRefusedError when there are keys that this release cannot read; StoreFailedError
   */
  static async start(options: SessionKeysOptions): Promise<SessionKeys> {
    const sessionKeys = new SessionKeys(options, await load(options.secrets));
    await sessionKeys.#advance();
    sessionKeys.#stopLooking = every(options.clock, LOOK_EVERY_MS, () => void sessionKeys.#advance());
    return sessionKeys;
  }

  /** Lets a write finish. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopLooking();
    await this.#writes;
  }

  /** What data planes are to have. Secrets are in it. */
  get keys(): ReadableValue<SessionKeySet> {
    return this.#keys;
  }

  /** What may be shown, the newest first. */
  get status(): readonly SessionKeyStatus[] {
    const issuesAt = this.#options.clock.now() + Math.max(0, this.#issuesInMs());
    return this.#keys.value.map((key) => {
      const { id, createdAt, state } = key;
      if (key.state === 'accepted') return { id, createdAt, state, issuesAt };
      return key.state === 'retiring' ? { id, createdAt, state, expiresAt: key.expiresAt } : { id, createdAt, state };
    });
  }

  /**
   * Begins a rotation; the rest of it comes by itself.
   *
   * @throws HeadgateError HEADGATE_ROTATING, HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  rotate(rotation: KeyRotation): Promise<void> {
    return this.#write(() => this.#rotate(rotation));
  }

  async #rotate(rotation: KeyRotation): Promise<void> {
    if (this.#closed || this.#keys.value.length === 0) throw notReady();
    const keys = this.#due();
    this.#assertRotatable(keys);
    const now = this.#options.clock.now();
    await this.#keep(beginRotation(keys, makeKey(keys, now), rotation.graceMs), [noteOf(rotation, now)]);
    this.#options.logger.info({ keys: this.status }, 'the session keys are being rotated');
  }

  #assertRotatable(keys: SessionKeySet): void {
    if (keys.some(({ state }) => state === 'accepted')) {
      const waitMs = Math.max(1_000, this.#issuesInMs());
      const detail = `A new session key is already on its way to the data planes — try again in ${Math.ceil(waitMs / 1_000)} s`;
      throw new HeadgateError('HEADGATE_ROTATING', detail, { retryAfterMs: waitMs });
    }
    if (keys.filter(isRetiring).length < MOST_RETIRING) return;
    const detail = `${MOST_RETIRING} former session keys are still read, which is the most — rotate when the first has gone`;
    throw new HeadgateError('HEADGATE_ROTATING', detail, { retryAfterMs: this.#firstGoesInMs(keys) });
  }

  /** Takes the steps that are due. Never fails: what could not be stored is tried again. */
  #advance(): Promise<void> {
    if (this.#options.clock.monotonic() < this.#retryAtMs) return Promise.resolve();
    return this.#write(async () => {
      const due = this.#due();
      if (this.#closed || due === this.#keys.value) return;
      await this.#keep(due);
      this.#options.logger.info({ keys: this.status }, 'the session keys have changed');
    }).catch((error: unknown) => {
      this.#retryAtMs = this.#options.clock.monotonic() + TRY_AGAIN_MS;
      this.#options.logger.error({ err: error }, 'the session keys could not be stored and stay as they are');
    });
  }

  /** The keys as they should be by now; the same when nothing is due. */
  #due(): SessionKeySet {
    const keys = this.#keys.value;
    const now = this.#options.clock.now();
    if (keys.length === 0) return [{ ...makeKey([], now), state: 'issuing' }];
    return dropExpired(this.#issuesInMs() <= 0 ? completeRotation(keys, now) : keys, now);
  }

  #firstGoesInMs(keys: SessionKeySet): number {
    return Math.min(...keys.filter(isRetiring).map(({ expiresAt }) => expiresAt)) - this.#options.clock.now();
  }

  #issuesInMs(): number {
    return this.#heldSinceMs + CONVERGENCE_MS - this.#options.clock.monotonic();
  }

  async #keep(keys: SessionKeySet, audit?: readonly AuditEntry[]): Promise<void> {
    await this.#options.secrets.keep({ name: NAME, value: writeSessionKeys(keys), audit });
    const isNew = keys[0]!.id !== this.#keys.value[0]?.id;
    if (isNew) this.#heldSinceMs = this.#options.clock.monotonic();
    this.#keys.set(keys);
  }

  /** Steps happen one after the other, each on what the one before it has left. */
  #write(action: () => Promise<void>): Promise<void> {
    const written = this.#writes.then(action);
    this.#writes = written.catch(() => undefined);
    return written;
  }
}

async function load(secrets: SessionKeysOptions['secrets']): Promise<SessionKeySet> {
  const bytes = await secrets.read(NAME);
  if (bytes === undefined) return [];
  const keys = readSessionKeys(bytes);
  if (keys !== undefined) return keys;
  throw new SecretsRefusedError(
    'The session keys in the database are in no form that this release knows — start the release that wrote them, or ' +
      'restore a backup',
  );
}

function isRetiring(key: SessionKey): key is Extract<SessionKey, { readonly state: 'retiring' }> {
  return key.state === 'retiring';
}

function noteOf({ author, message, origin }: AccessAuthor, at: number): AuditEntry {
  const objects = ['session-keys'];
  return { ...origin, at, outcome: 'written', actor: author, message, objects, changes: 1, count: 1 };
}

function notReady(): HeadgateError {
  return new HeadgateError('HEADGATE_UNAVAILABLE', 'The control plane has no session keys yet, or is stopping');
}
