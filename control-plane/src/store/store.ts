import type { AuditOrigin } from './access-store.ts';

/**
 * What kinds of objects operators write. A server is an object of its own, so that changing one costs one row, and an
 * override (what an operator wants of a server) another one, so that it outlives the server.
 */
export const intentKinds = ['backend', 'server', 'override', 'host'] as const;
export type IntentKind = (typeof intentKinds)[number];

/**
 * One object of operators' intent. `document` is JSON in its canonical spelling: a BackendSettingsDocument, a
 * ServerDocument, an OverrideDocument or a HostDocument. `name` is the backend's name, `backend/address:port` (of a
 * server and of an override), or the host's pattern.
 */
export interface StoredObject {
  readonly kind: IntentKind;
  readonly name: string;
  readonly document: unknown;
  /** The revision that wrote it last. */
  readonly revision: number;
}

/** One object before and after a change; undefined is absent. */
export interface ObjectChange {
  readonly kind: IntentKind;
  readonly name: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface Change {
  readonly objects: readonly ObjectChange[];
  /** Who: the name of the token, or `initial-config`. */
  readonly author: string;
  /** Why, "" when nothing was said; at most 1,000 characters. */
  readonly message: string;
  /** Which request it was, for the audit log, where every commit has an entry. Absent: none of the API. */
  readonly origin?: AuditOrigin | undefined;
}

/** A change that is durable. Revisions and versions of an epoch are never given twice and never go back. */
export interface Commit extends Omit<Change, 'origin'> {
  readonly revision: number;
  readonly version: number;
  /** Unix time in milliseconds. */
  readonly at: number;
}

/** How many objects of one kind a revision created, replaced by other content, and removed. */
export interface ChangeCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** A revision without its content. What was written and stayed equal is not counted. */
export interface RevisionSummary extends Omit<Commit, 'objects'> {
  readonly counts: Readonly<Record<IntentKind, ChangeCounts>>;
}

/** The revisions that are kept, both ends included; `oldest` is above `newest` while there are none. */
export interface KeptRevisions {
  readonly oldest: number;
  readonly newest: number;
}

export interface RevisionPage {
  readonly kept: KeptRevisions;
  /** Newest first. */
  readonly items: readonly RevisionSummary[];
}

export interface RevisionPageRequest {
  /** The newest that is wanted. Default: the newest of all. */
  readonly atMost?: number | undefined;
  readonly limit: number;
}

/**
 * What others than operators bring: whole documents (a file, Redis, `POST /config`) as layers of backends, servers and
 * hosts, and members: single servers that registered or were discovered. What is shelved is a whole layer that is kept for
 * the next start and not served.
 */
export const ownedKinds = ['backend', 'server', 'host', 'member', 'shelved'] as const;
export type OwnedKind = (typeof ownedKinds)[number];

/** Names an object of an owner; names are those of `StoredObject`, a member's is that of a server. */
export interface OwnedKey {
  /** A layer (`file`) or a source of members (`registration`, `consul:0`). */
  readonly owner: string;
  readonly kind: OwnedKind;
  readonly name: string;
}

export interface OwnedObject extends OwnedKey {
  readonly document: unknown;
}

/** One object before and after a change; undefined is absent. */
export interface OwnedChange extends OwnedKey {
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A change of membership that is durable. It has a version and no revision. */
export interface MembershipCommit {
  readonly version: number;
  readonly objects: readonly OwnedChange[];
}

/** What a version that no revision made has changed, without the content. */
export interface MembershipStep {
  readonly version: number;
  readonly objects: readonly Pick<OwnedKey, 'kind' | 'name'>[];
}

/** All that others than operators have brought, at a version. */
export interface StoredMembership {
  readonly version: number;
  readonly owned: readonly OwnedObject[];
}

export interface MembershipSteps {
  /** All steps after this version are known; not below the one that was asked for. */
  readonly from: number;
  readonly steps: readonly MembershipStep[];
}

/** Everything that is true at one revision. */
export interface StoredState {
  /** Opaque, made when the store was created. */
  readonly epoch: string;
  /** 0 in a new store. */
  readonly revision: number;
  /** 1, the empty snapshot, in a new store. */
  readonly version: number;
  readonly objects: readonly StoredObject[];
}

/** Somebody else has committed since `expectedRevision`. Read again and decide anew. */
export class StaleRevisionError extends Error {
  override readonly name = 'StaleRevisionError';
}

/** The medium has no room: nothing was written; reads go on. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
}

/** The write was not made durable (fsync or I/O error): it must not be acknowledged. */
export class StoreFailedError extends Error {
  override readonly name = 'StoreFailedError';
}

/**
 * Where operators' intent lives. Asynchronous and without callbacks inside transactions, so that it fits an embedded
 * database as well as a distributed one.
 */
export interface Store {
  /**
   * The newest state.
   * @throws StoreFailedError
   */
  load(): Promise<StoredState>;
  /**
   * Makes a change durable as the next revision and version, all of it or nothing. Each object's `before` is what the
   * store holds at `expectedRevision`; equal content before and after moves the object's revision alone.
   * @throws StaleRevisionError, StoreFullError, StoreFailedError; Error when the change names no object, names one
   *   twice or does not fit what the store holds, which is a bug of the caller.
   */
  commit(expectedRevision: number, change: Change): Promise<{ readonly revision: number; readonly version: number }>;
  /**
   * The newest membership.
   * @throws StoreFailedError
   */
  loadMembership(): Promise<StoredMembership>;
  /**
   * Makes a change of membership durable as the next version, all of it or nothing. Uses up no history. Each object's
   * `before` is what the store holds now.
   * @throws StoreFullError, StoreFailedError; Error when the change names no object, names one twice or does not fit what
   *   the store holds, which is a bug of the caller.
   */
  commitMembership(objects: readonly OwnedChange[]): Promise<{ readonly version: number }>;
  /**
   * What versions after `version` changed that came from membership, oldest first, as far as it is kept: the newest 1,000
   * of them are.
   * @throws StoreFailedError
   */
  membershipSince(version: number): Promise<MembershipSteps>;
  /**
   * Calls back for every change of membership from now on, in the order of versions among the commits that `watch` shows,
   * before its promise resolves. Listeners must not throw. Returns how to stop.
   */
  watchMembership(listener: (commit: MembershipCommit) => void): () => void;
  /**
   * Every commit after `version`, oldest first, with what each changed; undefined when that is no longer kept
   * (the last 1,000 revisions are). With `mostObjects` only the newest of them, as many as together have changed no more
   * objects than that.
   * @throws StoreFailedError
   */
  commitsSince(version: number, mostObjects?: number): Promise<readonly Commit[] | undefined>;
  /**
   * Who changed what, when and why: revisions that are kept, newest first.
   * @throws StoreFailedError
   */
  revisions(page: RevisionPageRequest): Promise<RevisionPage>;
  /**
   * The objects that differ between two revisions, each once, `before` as it was at `older` and `after` as it was at
   * `newer`. The content is known of every kept revision and of the one before the oldest; undefined for others, and
   * when `older` is not the older one. Costs the changes that lie between.
   * @throws StoreFailedError
   */
  changesBetween(older: number, newer: number): Promise<readonly ObjectChange[] | undefined>;
  /**
   * Calls back for every commit after `fromRevision`, in order, each once, whoever made it; a commit of this process
   * is seen before its promise resolves. Listeners must not throw. Returns how to stop.
   * @throws StaleRevisionError when commits after `fromRevision` are no longer kept: load anew.
   */
  watch(fromRevision: number, listener: (commit: Commit) => void): () => void;
  /** Whether a write could succeed now; the reason when not. */
  check(): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;
  close(): Promise<void>;
}
