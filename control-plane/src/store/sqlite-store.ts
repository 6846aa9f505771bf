import type { Clock } from '@headgate/shared/clock';
import type { Logger } from '@headgate/shared/logger';
import { realpathSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { AccessStore, AuditOrigin, AuditRetention } from './access-store.ts';
import { CommitFeed } from './commit-feed.ts';
import { databasePath } from './database-path.ts';
import { DatabaseLock } from './database-lock.ts';
import { prepareDatabaseFile } from './open-database.ts';
import { readChangesBetween, readRevisions, type ReadableHistory } from './read-history.ts';
import { auditRetentionDefaults, noteCommit, sqliteAccess } from './sqlite-access.ts';
import { finishReplacement } from './replace-database.ts';
import { refusalOf, translateSqliteError } from './sqlite-error.ts';
import { MembershipFeed } from './membership-feed.ts';
import type { Head } from './sqlite-head.ts';
import type { SecretStore } from './secret-store.ts';
import { sqliteSecretStore } from './sqlite-secret-store.ts';
import { openTables, type SqliteTables } from './sqlite-tables.ts';
import {
  StaleRevisionError,
  StoreFailedError,
  StoreFullError,
  type Change,
  type Commit,
  type MembershipCommit,
  type MembershipSteps,
  type ObjectChange,
  type OwnedChange,
  type OwnedObject,
  type RevisionPage,
  type RevisionPageRequest,
  type Store,
  type StoredMembership,
  type StoredObject,
  type StoredState,
} from './store.ts';
import { storedChanges, type StoredChange } from './stored-change.ts';
import { WriteProbe } from './write-probe.ts';

const KEPT_REVISIONS = 1_000;
/** Of the history that is no longer kept, a commit takes along this many rows, or twice its own when that is more. */
const PRUNED_ROWS = 500;
/** A change of more objects is spelled out in one turn and written in another, so that others wait less. */
const MANY_OBJECTS = 1_000;
/** What is left on the disk when a small commit may no longer fit. */
const ROOM_NEEDED_BYTES = 1024 * 1024;
const PAGE_BYTES = 4_096;
const MAX_PAGES = 0xfffffffe;

interface CommonOptions {
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  /** How many revisions keep what they changed. Default 1,000. */
  readonly keptRevisions?: number | undefined;
  /** How much of the audit log is kept. */
  readonly auditRetention?: Partial<AuditRetention> | undefined;
}

interface InDirectory extends CommonOptions {
  /** The directory of the database `headgate.db`; created when it is missing. */
  readonly dataDir: string;
}

interface AtPath extends CommonOptions {
  /** The database's own path. */
  readonly path: string;
}

export type SqliteStoreOptions = InDirectory | AtPath;

/**
 * A store in one SQLite database: write-ahead log, fsync before every acknowledgement, one process.
 *
 * A commit is one transaction over the head, the objects and the history: it happens or does not. Only when it is
 * durable do the head in memory and the watchers move. A commit that failed may have left frames in the write-ahead log;
 * the next one overwrites them.
 */
export class SqliteStore implements Store {
  /** Tokens and the audit log, in the same database. */
  readonly access: AccessStore;
  /** Secrets, in the same database. */
  readonly secrets: SecretStore;
  /** The database's file. */
  readonly path: string;
  readonly #directory: string;
  readonly #options: CommonOptions;
  readonly #lock: DatabaseLock;
  readonly #tables: SqliteTables;
  readonly #feed: CommitFeed;
  readonly #membershipFeed: MembershipFeed;
  readonly #probe: WriteProbe;
  readonly #auditRetention: AuditRetention;
  readonly #history: ReadableHistory;
  /** What opening has read, for the first `load`: a large configuration need not be read twice to start. */
  #opened: Pick<StoredState, 'revision' | 'objects'> | undefined;
  /** The same for the first `loadMembership`; undefined once membership has changed. */
  #openedOwned: readonly OwnedObject[] | undefined;
  #head: Head;

  private constructor(path: string, lock: DatabaseLock, options: CommonOptions) {
    const { tables, head, objects, owned } = openTables(path);
    this.#openedOwned = owned;
    this.#opened = { revision: head.revision, objects };
    this.path = path;
    this.#directory = dirname(path);
    this.#options = options;
    this.#lock = lock;
    this.#tables = tables;
    this.#head = head;
    this.#feed = new CommitFeed({
      readAfter: (revision) => this.#tables.history.readAfter(revision),
      onListenerError: (error) => options.logger?.error({ err: error }, 'A watcher of the store has failed'),
    });
    this.#membershipFeed = new MembershipFeed((error) =>
      options.logger?.error({ err: error }, 'A watcher of membership has failed'),
    );
    this.#auditRetention = { ...auditRetentionDefaults, ...options.auditRetention };
    this.access = sqliteAccess({
      read: (action) => this.#attempt(action),
      transact: (action) => this.#probed(action),
      retention: this.#auditRetention,
      now: () => options.clock.now(),
    });
    this.secrets = sqliteSecretStore({
      read: (action) => this.#attempt(action),
      transact: (action) => this.#probed(action),
    });
    this.#probe = new WriteProbe({
      clock: options.clock,
      rehearse: () => this.#attempt(({ heads }) => heads.rehearse(this.#head)),
      tryWrite: () => this.#transact(() => this.#tables.heads.move(this.#head, this.#head)),
    });
    this.#history = {
      kept: () => ({ oldest: this.#head.prunedRevision + 1, newest: this.#head.revision }),
      read: (action) => this.#attempt(({ history }) => action(history)),
    };
  }

  /**
   * Opens the database, or creates it with an epoch of its own. Reads and checks all of it.
   *
   * @throws StoreRefusedError when it is used by another process, damaged, written by a later release, or cannot be made
   *   durable.
   */
  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const path = resolve('path' in options ? options.path : databasePath(options.dataDir));
    try {
      prepareDatabaseFile(path);
      return openLocked(realpathSync(path), (file, lock) => new SqliteStore(file, lock, options));
    } catch (error) {
      throw refusalOf(path, error);
    }
  }

  async load(): Promise<StoredState> {
    return this.#attempt(({ heads, objects }) => {
      const { epoch, revision, version } = heads.read();
      return { epoch, revision, version, objects: this.#takeOpened(revision) ?? [...objects.read()] };
    });
  }

  /** Once, and while nothing has been committed since. */
  #takeOpened(revision: number): readonly StoredObject[] | undefined {
    const opened = this.#opened;
    this.#opened = undefined;
    return opened?.revision === revision ? opened.objects : undefined;
  }

  async commit(expectedRevision: number, change: Change): Promise<{ revision: number; version: number }> {
    const { objects, author, message, origin } = change;
    const changes = storedChanges(change);
    if (changes.length > MANY_OBJECTS) await setImmediate();
    if (expectedRevision !== this.#head.revision) {
      throw new StaleRevisionError(`the store is at revision ${this.#head.revision}, not at ${expectedRevision}`);
    }
    const [revision, version] = [this.#head.revision + 1, this.#head.version + 1];
    const commit = { revision, version, at: this.#options.clock.now(), author, message, objects };
    this.#opened = undefined;
    this.#head = this.#write(commit, changes, origin);
    this.#feed.publish(commit);
    return { revision, version };
  }

  async loadMembership(): Promise<StoredMembership> {
    const opened = this.#openedOwned;
    this.#openedOwned = undefined;
    return this.#attempt(({ heads, membership }) => {
      return { version: heads.read().version, owned: opened ?? membership.read() };
    });
  }

  async commitMembership(objects: readonly OwnedChange[]): Promise<{ version: number }> {
    assertDistinct(objects);
    this.#openedOwned = undefined;
    const from = this.#head;
    const commit = { version: from.version + 1, objects };
    const to = { ...from, version: commit.version };
    this.#probed(({ heads, membership }) => {
      heads.move(from, to);
      membership.apply(commit);
    });
    this.#head = to;
    this.#membershipFeed.publish(commit);
    return { version: to.version };
  }

  async membershipSince(version: number): Promise<MembershipSteps> {
    return this.#attempt(({ membership }) => membership.stepsAfter(version));
  }

  watchMembership(listener: (commit: MembershipCommit) => void): () => void {
    return this.#membershipFeed.watch(listener);
  }

  async commitsSince(version: number, mostObjects = Infinity): Promise<readonly Commit[] | undefined> {
    if (version < this.#head.prunedVersion) return undefined;
    return this.#attempt(({ history }) => {
      const after = history.revisionAt(version) ?? this.#head.prunedRevision;
      return [...history.readAfter(history.startOf(mostObjects, after))];
    });
  }

  revisions(page: RevisionPageRequest): Promise<RevisionPage> {
    return readRevisions(this.#history, page);
  }

  changesBetween(older: number, newer: number): Promise<readonly ObjectChange[] | undefined> {
    return readChangesBetween(this.#history, older, newer);
  }

  watch(fromRevision: number, listener: (commit: Commit) => void): () => void {
    if (fromRevision < this.#head.prunedRevision) {
      throw new StaleRevisionError(`what came after revision ${fromRevision} is no longer kept`);
    }
    return this.#attempt(() => this.#feed.watch(fromRevision, listener));
  }

  async check(): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }> {
    const reason = (await this.#lackOfRoom()) ?? (this.#isOpen() ? this.#probe.check() : 'the store is closed');
    return reason === undefined ? { ok: true } : { ok: false, reason };
  }

  /**
   * Caps the database's size; a commit that needs more fails as on a full disk. What is there already stays. Undefined:
   * no cap.
   */
  limitBytes(bytes: number | undefined): void {
    const pages = bytes === undefined ? MAX_PAGES : Math.max(1, Math.floor(bytes / PAGE_BYTES));
    this.#tables.database.pragma(`max_page_count = ${pages}`);
  }

  async close(): Promise<void> {
    if (!this.#isOpen()) return;
    this.#feed.close();
    this.#membershipFeed.close();
    this.#tables.database.close();
    this.#lock.release();
  }

  #isOpen(): boolean {
    return this.#tables.database.open;
  }

  #attempt<T>(action: (tables: SqliteTables) => T): T {
    if (!this.#isOpen()) throw new StoreFailedError('the store is closed');
    try {
      return action(this.#tables);
    } catch (error) {
      throw translateSqliteError(error);
    }
  }

  #transact<T>(action: (tables: SqliteTables) => T): T {
    return this.#attempt((tables) => tables.database.transaction(() => action(tables)).immediate());
  }

  #write(commit: Commit, changes: readonly StoredChange[], origin: AuditOrigin | undefined): Head {
    return this.#probed((tables) => {
      const head = writeCommit(tables, { from: this.#head, to: this.#headAfter(commit), commit, changes });
      noteCommit(tables, { commit, origin, retention: this.#auditRetention });
      return head;
    });
  }

  /** A transaction by which is known whether the store can be written to. */
  #probed<T>(action: (tables: SqliteTables) => T): T {
    try {
      const result = this.#transact(action);
      this.#probe.succeeded();
      return result;
    } catch (error) {
      if (error instanceof StoreFullError || error instanceof StoreFailedError) this.#probe.failed(error);
      throw error;
    }
  }

  #headAfter({ revision, version }: Commit): Head {
    const cutoff = revision - (this.#options.keptRevisions ?? KEPT_REVISIONS);
    const cutoffVersion = cutoff > this.#head.prunedRevision ? this.#tables.history.versionOf(cutoff) : undefined;
    const pruned = cutoffVersion === undefined ? {} : { prunedRevision: cutoff, prunedVersion: cutoffVersion };
    return { ...this.#head, revision, version, ...pruned };
  }

  async #lackOfRoom(): Promise<string | undefined> {
    try {
      const { bavail, bsize } = await statfs(this.#directory);
      return bavail * bsize < ROOM_NEEDED_BYTES ? 'the disk of the store has less than 1 MiB left' : undefined;
    } catch (error) {
      return `the directory of the store cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`;
    }
  }
}

function openLocked<T>(path: string, open: (path: string, lock: DatabaseLock) => T): T {
  const lock = DatabaseLock.acquire(path);
  try {
    finishReplacement(path);
    return open(path, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface CommitToWrite {
  readonly from: Head;
  readonly to: Head;
  readonly commit: Commit;
  readonly changes: readonly StoredChange[];
}

/** Inside a transaction. Takes along some of the history that is no longer kept, so that no commit has much to clear. */
function writeCommit({ heads, objects, history }: SqliteTables, { from, to, commit, changes }: CommitToWrite): Head {
  heads.move(from, to);
  history.append(commit, changes);
  for (const change of changes) objects.apply(change, commit.revision);
  history.prune(to.prunedRevision, Math.max(PRUNED_ROWS, 2 * changes.length));
  return to;
}

function assertDistinct(objects: readonly OwnedChange[]): void {
  if (objects.length === 0) throw new Error('a change must name an object');
  const keys = new Set(objects.map(({ owner, kind, name }) => JSON.stringify([owner, kind, name])));
  if (keys.size !== objects.length) throw new Error('a change of membership names an object twice');
}
