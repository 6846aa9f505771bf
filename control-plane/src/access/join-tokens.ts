import { randomBytes, timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { every, type Clock } from '@headgate/shared/clock';
import { HeadgateError } from '@headgate/shared/error';
import type { AccessStore, AuditEntry, StoredJoinToken } from '../store/access-store.ts';
import { draftFile, type FileDraft } from './replace-file.ts';
import { digestOfToken } from './secret-token.ts';
import { storeRefusal } from './store-refusal.ts';
import type { AccessAuthor } from './token-register.ts';

const TOKEN_BYTES = 32;
const LOOK_EVERY_MS = 500;
/** Replaced ones that are still accepted. */
const MOST_FORMER = 10;

export interface JoinTokensOptions {
  /** The join token as it was loaded. */
  readonly token: string;
  /** Where it came from; undefined when a setting has given it, which no operation can change. */
  readonly file: string | undefined;
  readonly store: AccessStore;
  readonly clock: Clock;
}

/** What may be told of the join token. Times are Unix times in milliseconds. */
export interface JoinTokenStatus {
  readonly source: 'file' | 'setting';
  /** Unknown of a token that was given. */
  readonly createdAt: number | undefined;
  /** When each replaced token that is still accepted ceases to be, the next first. */
  readonly former: readonly { readonly expiresAt: number }[];
}

export interface Rotation extends AccessAuthor {
  /** How long the former token is accepted, in milliseconds; 0: no more. */
  readonly overlapMs: number;
}

interface Entry {
  readonly token: StoredJoinToken;
  readonly digest: Buffer;
  readonly end: AbortController;
}

/**
 * The tokens that data planes join with: the newest, and those that it has replaced, each until its time is over.
 *
 * A rotation is made in an order that a kill at any moment leaves whole: (1) the new token is written beside the file;
 * (2) the store notes it, with the time of the former; (3) the new one takes the file's place; (4) memory follows. What
 * the file says at a start is the token, whatever the store notes; after a kill between 2 and 3 that is the former, and
 * nobody was told the new one.
 */
export class JoinTokens {
  readonly #options: JoinTokensOptions;
  readonly #stopLooking: () => void;
  #newest: Entry;
  #former: readonly Entry[];
  #rotations: Promise<unknown> = Promise.resolve();

  private constructor(options: JoinTokensOptions, newest: StoredJoinToken, former: readonly StoredJoinToken[]) {
    this.#options = options;
    this.#newest = entryOf(newest);
    this.#former = former.map(entryOf);
    this.#stopLooking = every(options.clock, LOOK_EVERY_MS, () => this.#endExpired());
  }

  /** Reads the store, which it does not close. */
  static async create(options: JoinTokensOptions): Promise<JoinTokens> {
    const { joinTokens } = await options.store.load();
    const secretDigest = digestOfToken(options.token);
    const noted = joinTokens.find((token) => token.secretDigest === secretDigest);
    const createdAt = noted?.createdAt ?? (await writtenAt(options.file));
    // Without a file nothing was rotated here: what the store notes is of another time.
    const former = options.file === undefined ? [] : joinTokens.filter((token) => token !== noted && isFormer(token));
    return new JoinTokens(options, { secretDigest, createdAt }, former);
  }

  /** Undefined when the token is not accepted; else what aborts when it no longer is. Compares in constant time. */
  authenticate(token: string): AbortSignal | undefined {
    const digest = Buffer.from(digestOfToken(token));
    const now = this.#options.clock.now();
    let found: Entry | undefined;
    for (const entry of [this.#newest, ...this.#former]) if (timingSafeEqual(entry.digest, digest)) found = entry;
    return found === undefined || hasExpired(found, now) ? undefined : found.end.signal;
  }

  get status(): JoinTokenStatus {
    const { createdAt } = this.#newest.token;
    return {
      source: this.#options.file === undefined ? 'setting' : 'file',
      createdAt: createdAt === 0 ? undefined : createdAt,
      former: this.#accepted()
        .map(({ token }) => ({ expiresAt: token.expiresAt! }))
        .sort((a, b) => a.expiresAt - b.expiresAt),
    };
  }

  /**
   * Makes a new token, tells it, and lets the former be used for a while. Tokens that were replaced before are accepted
   * no longer than that either.
   *
   * @throws HeadgateError HEADGATE_NOT_ROTATABLE, HEADGATE_IN_USE, HEADGATE_STORE_FULL, HEADGATE_UNAVAILABLE
   */
  rotate(rotation: Rotation): Promise<string> {
    const done = this.#rotations.then(() => this.#rotate(rotation));
    this.#rotations = done.catch(() => undefined);
    return done;
  }

  close(): void {
    this.#stopLooking();
  }

  async #rotate(rotation: Rotation): Promise<string> {
    const file = this.#assertRotatable();
    const now = this.#options.clock.now();
    const text = randomBytes(TOKEN_BYTES).toString('base64url');
    const newest = { secretDigest: digestOfToken(text), createdAt: now };
    const former = [this.#newest, ...this.#accepted()].map((entry) => endingBy(entry, now + rotation.overlapMs));
    const draft = await draftFile(file, `${text}\n`).catch(unwritable);
    await this.#keep(draft, [newest, ...former.map(({ token }) => token)], this.#noteOf(rotation, now));
    this.#newest = entryOf(newest);
    this.#former = former;
    this.#endExpired();
    return text;
  }

  async #keep(draft: FileDraft, joinTokens: readonly StoredJoinToken[], note: AuditEntry): Promise<void> {
    try {
      await this.#options.store.commit({ joinTokens, audit: [note] }).catch(refuse);
      await draft.replace().catch(unwritable);
    } catch (error) {
      await draft.discard();
      throw error;
    }
  }

  #assertRotatable(): string {
    const { file } = this.#options;
    if (file === undefined) {
      const wayOut = 'change the setting and restart, or leave it out: a token is then made in DATA_DIR/join-token';
      throw new HeadgateError(
        'HEADGATE_NOT_ROTATABLE',
        `The join token is given by HEADGATE_JOIN_TOKEN, which no request can change — ${wayOut}`,
      );
    }
    if (this.#accepted().length < MOST_FORMER) return file;
    const detail = `${MOST_FORMER} former join tokens are still accepted — wait, or rotate when the first has expired`;
    throw new HeadgateError('HEADGATE_IN_USE', detail);
  }

  #noteOf({ author, message, origin }: AccessAuthor, at: number): AuditEntry {
    return { ...origin, at, outcome: 'written', actor: author, message, objects: ['join-token'], changes: 1, count: 1 };
  }

  #accepted(): readonly Entry[] {
    const now = this.#options.clock.now();
    return this.#former.filter((entry) => !hasExpired(entry, now));
  }

  #endExpired(): void {
    const now = this.#options.clock.now();
    for (const entry of this.#former) if (hasExpired(entry, now)) entry.end.abort();
    this.#former = this.#accepted();
  }
}

function entryOf(token: StoredJoinToken): Entry {
  return { token, digest: Buffer.from(token.secretDigest), end: new AbortController() };
}

function isFormer({ expiresAt }: StoredJoinToken): boolean {
  return expiresAt !== undefined;
}

function hasExpired({ token }: Entry, now: number): boolean {
  return token.expiresAt !== undefined && token.expiresAt <= now;
}

/** The same entry, so that who joined by it hears of its end. */
function endingBy(entry: Entry, time: number): Entry {
  const expiresAt = Math.min(entry.token.expiresAt ?? time, time);
  return { ...entry, token: { ...entry.token, expiresAt } };
}

/** When the file was written; 0 when nobody knows. */
async function writtenAt(file: string | undefined): Promise<number> {
  if (file === undefined) return 0;
  return stat(file).then(
    ({ mtimeMs }) => Math.floor(mtimeMs),
    () => 0,
  );
}

function refuse(error: unknown): never {
  throw storeRefusal(error);
}

function unwritable(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const detail = `The file of the join token cannot be replaced (${code ?? 'unknown reason'}); the former token stays`;
  throw new HeadgateError(full ? 'HEADGATE_STORE_FULL' : 'HEADGATE_UNAVAILABLE', detail, { cause: error });
}
