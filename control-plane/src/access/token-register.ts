import { every, type Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';
import type { Logger } from '@headgate/shared/logger';
import type { AccessStore, AuditEntry, AuditOrigin, StoredToken } from '../store/access-store.ts';
import { digestOfToken, makeToken } from './secret-token.ts';
import { storeRefusal } from './store-refusal.ts';
import { tokenScope, type TokenScope } from './token-scope.ts';

const MOST_TOKENS = 1_000;
/** How soon an expiry is noticed by what is under way; a new request notices it at once. */
const LOOK_EVERY_MS = 500;
/** How coarse the time of the last use is. */
const USE_GRAIN_MS = 60_000;
const KEEP_USE_EVERY_MS = 5 * 60_000;

export interface TokenRegisterOptions {
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tokens that there may be, expired ones included. Default 1,000. */
  readonly mostTokens?: number;
}

/** A token as anybody may see it. Times are Unix times in milliseconds. */
export interface TokenRecord {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: number;
  /** The token that made it. */
  readonly createdBy: string;
  readonly expiresAt: number | undefined;
  /** To the minute. */
  readonly lastUsedAt: number | undefined;
}

/** Who has shown a token. */
export interface TokenHolder {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  /** Aborts when the token is revoked or expires: what goes on for it must end. */
  readonly ended: AbortSignal;
}

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt?: number | undefined;
}

/** Who creates or revokes a token, and by which request. */
export interface AccessAuthor {
  readonly author: string;
  readonly message: string;
  readonly origin: AuditOrigin;
}

interface Entry {
  /** As it is kept. */
  token: StoredToken;
  readonly scopes: readonly TokenScope[];
  readonly end: AbortController;
  lastUsedAt: number | undefined;
}

/**
 * The tokens of the API beside the built-in one. Memory is what is asked, the store is what is believed after a restart:
 * a token is created or revoked there first, and in the same turn here.
 */
export class TokenRegister {
  readonly #options: TokenRegisterOptions;
  readonly #byName = new Map<string, Entry>();
  readonly #byDigest = new Map<string, Entry>();
  readonly #stop: (() => void)[];
  #writes: Promise<unknown> = Promise.resolve();

  private constructor(options: TokenRegisterOptions) {
    this.#options = options;
    this.#stop = [
      every(options.clock, LOOK_EVERY_MS, () => this.#endExpired()),
      every(options.clock, KEEP_USE_EVERY_MS, () => void this.#keepUse()),
    ];
  }

  /** Reads the store. The register does not close it. */
  static async create(options: TokenRegisterOptions): Promise<TokenRegister> {
    const register = new TokenRegister(options);
    for (const token of (await options.store.load()).tokens) register.#add(token);
    return register;
  }

  /** Whose token it is; undefined when nobody's, or when it has expired. One hash, one look-up, nothing read. */
  find(token: string): TokenHolder | undefined {
    const entry = this.#byDigest.get(digestOfToken(token));
    if (entry === undefined) return undefined;
    if (this.#hasExpired(entry)) return void entry.end.abort();
    const now = this.#options.clock.now();
    entry.lastUsedAt = now - (now % USE_GRAIN_MS);
    return { name: entry.token.name, scopes: entry.scopes, ended: entry.end.signal };
  }

  get size(): number {
    return this.#byName.size;
  }

  /** By name. */
  list(): readonly TokenRecord[] {
    return [...this.#byName.keys()].sort().map((name) => recordOf(this.#byName.get(name)!));
  }

  get(name: string): TokenRecord | undefined {
    const entry = this.#byName.get(name);
    return entry === undefined ? undefined : recordOf(entry);
  }

  /**
   * Makes a token. Its text is told here and never again.
   *
   * @throws HeadgateError HEADGATE_ALREADY_EXISTS, HEADGATE_IN_USE at the limit, HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  create(wanted: NewToken, who: AccessAuthor): Promise<{ readonly record: TokenRecord; readonly text: string }> {
    return this.#inTurn(async () => {
      this.#assertRoomFor(wanted.name);
      const text = makeToken();
      const createdAt = this.#options.clock.now();
      const token = { ...wanted, secretDigest: digestOfToken(text), createdAt, createdBy: who.author };
      await this.#commit({ putTokens: [token] }, this.#entryOf(wanted.name, who));
      return { record: recordOf(this.#add(token)), text };
    });
  }

  /**
   * Takes a token back: from now on nobody is let in by it, and what goes on for it is told to end.
   *
   * @throws HeadgateError HEADGATE_NOT_FOUND, HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  revoke(name: string, who: AccessAuthor): Promise<void> {
    return this.#inTurn(async () => {
      const entry = this.#byName.get(name);
      if (entry === undefined)
        throw new HeadgateError('HEADGATE_NOT_FOUND', `There is no token ${name} — check the spelling`);
      await this.#commit({ removeTokens: [name] }, this.#entryOf(name, who));
      this.#byName.delete(name);
      this.#byDigest.delete(entry.token.secretDigest);
      entry.end.abort();
    });
  }

  /** Keeps when tokens were used last, and stops. */
  async close(): Promise<void> {
    for (const stop of this.#stop.splice(0)) stop();
    await this.#keepUse();
  }

  #add(token: StoredToken): Entry {
    const scopes = token.scopes.map(tokenScope);
    const entry: Entry = { token, scopes, end: new AbortController(), lastUsedAt: token.lastUsedAt };
    this.#byName.set(token.name, entry);
    this.#byDigest.set(token.secretDigest, entry);
    return entry;
  }

  #assertRoomFor(name: string): void {
    if (this.#byName.has(name)) {
      const wayOut = 'choose another name, or revoke that one first';
      throw new HeadgateError('HEADGATE_ALREADY_EXISTS', `There is a token ${name} already — ${wayOut}`);
    }
    const most = this.#options.mostTokens ?? MOST_TOKENS;
    if (this.#byName.size < most) return;
    throw new HeadgateError(
      'HEADGATE_IN_USE',
      `There are ${most} tokens, and there may be no more — revoke some first`,
    );
  }

  #hasExpired({ token }: Entry): boolean {
    return token.expiresAt !== undefined && token.expiresAt <= this.#options.clock.now();
  }

  #endExpired(): void {
    for (const entry of this.#byName.values()) if (this.#hasExpired(entry)) entry.end.abort();
  }

  /** Not in the audit log: a use is no change. */
  #keepUse(): Promise<void> {
    return this.#inTurn(async () => {
      const used = [...this.#byName.values()].filter(({ token, lastUsedAt }) => lastUsedAt !== token.lastUsedAt);
      if (used.length === 0) return;
      const kept = used.map((entry) => ({ entry, token: { ...entry.token, lastUsedAt: entry.lastUsedAt } }));
      await this.#options.store.commit({ putTokens: kept.map(({ token }) => token), audit: [] });
      for (const { entry, token } of kept) entry.token = token;
    }).catch((error: unknown) => this.#options.logger.warn({ err: error }, 'the use of tokens could not be kept'));
  }

  #entryOf(name: string, { author, message, origin }: AccessAuthor): AuditEntry {
    const at = this.#options.clock.now();
    return {
      ...origin,
      at,
      outcome: 'written',
      actor: author,
      message,
      objects: [`token/${name}`],
      changes: 1,
      count: 1,
    };
  }

  async #commit(change: Omit<Parameters<AccessStore['commit']>[0], 'audit'>, entry: AuditEntry): Promise<void> {
    try {
      await this.#options.store.commit({ ...change, audit: [entry] });
    } catch (error) {
      throw storeRefusal(error);
    }
  }

  /** One after the other, so that what was checked still holds when it is written. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#writes.then(action);
    this.#writes = done.catch(() => undefined);
    return done;
  }
}

function recordOf({ token, scopes, lastUsedAt }: Entry): TokenRecord {
  const { name, createdAt, createdBy, expiresAt } = token;
  return { name, scopes, createdAt, createdBy, expiresAt, lastUsedAt };
}
