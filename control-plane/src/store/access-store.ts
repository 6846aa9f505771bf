/** A token of the API as the store keeps it: its digest, never its text. */
export interface StoredToken {
  readonly name: string;
  /** SHA-256 of the token, base64url. */
  readonly secretDigest: string;
  readonly scopes: readonly string[];
  /** Times are Unix times in milliseconds. */
  readonly createdAt: number;
  /** The token that made it. */
  readonly createdBy: string;
  readonly expiresAt?: number | undefined;
  /** Coarse: some minutes may be missing. */
  readonly lastUsedAt?: number | undefined;
}

/** A join token that a rotation knows of. */
export interface StoredJoinToken {
  /** SHA-256 of the token, base64url. */
  readonly secretDigest: string;
  readonly createdAt: number;
  /** When it ceases to be accepted; absent while it is the newest. */
  readonly expiresAt?: number | undefined;
}

/** Where a write or a refused request came from. */
export interface AuditOrigin {
  /** The operation's id. */
  readonly operation: string;
  /** The caller's address, "" when there is none. */
  readonly remote: string;
}

/** What happened, for the audit log. It must hold no secret: no token, no content, no query. */
export interface AuditEntry extends AuditOrigin {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly outcome: 'written' | 'refused';
  /** Name of the token; absent when nobody was known. */
  readonly actor?: string | undefined;
  /** What was written, or was to be, as kind/name; the first twenty. */
  readonly objects: readonly string[];
  /** How many objects it was. */
  readonly changes: number;
  /** That a write of the configuration has led to. */
  readonly revision?: number | undefined;
  readonly message: string;
  /** Why it was refused, as the error catalogue names it. */
  readonly code?: string | undefined;
  /** How many requests the entry stands for: refusals that are alike are kept as one. */
  readonly count: number;
}

export interface StoredAuditEntry extends AuditEntry {
  /** Grows with every entry. */
  readonly id: number;
}

/** Which entries are asked for; what is absent does not matter. */
export interface AuditQuery {
  readonly limit: number;
  /** Only entries with a smaller id. */
  readonly before?: number | undefined;
  readonly outcome?: AuditEntry['outcome'] | undefined;
  readonly actor?: string | undefined;
  readonly operation?: string | undefined;
}

/** Tokens that change together with the audit entries that say so. */
export interface AccessChange {
  /** Created, or replaced by their name. */
  readonly putTokens?: readonly StoredToken[];
  readonly removeTokens?: readonly string[];
  /** Replaces all of them. */
  readonly joinTokens?: readonly StoredJoinToken[];
  readonly audit: readonly AuditEntry[];
}

export interface StoredAccess {
  readonly tokens: readonly StoredToken[];
  readonly joinTokens: readonly StoredJoinToken[];
}

/** How much of the audit log is kept. Writes and refusals are counted apart, so that refusals push out no write. */
export interface AuditRetention {
  /** Entries about writes. */
  readonly writes: number;
  /** Entries about refusals of known callers; of unknown ones as many again. */
  readonly refusals: number;
  /** Older ones go, in milliseconds. */
  readonly ageMs: number;
}

/** Who may, and who did: beside the configuration, in the same store. It has no revisions: a rollback leaves it alone. */
export interface AccessStore {
  /** @throws StoreFailedError */
  load(): Promise<StoredAccess>;
  /**
   * Makes tokens and audit entries durable together, all of it or nothing.
   * @throws StoreFullError, StoreFailedError
   */
  commit(change: AccessChange): Promise<void>;
  /**
   * Entries of the audit log, the newest first.
   * @throws StoreFailedError
   */
  readAudit(query: AuditQuery): Promise<readonly StoredAuditEntry[]>;
  /** Forgets some of what is no longer kept; commits do so by themselves. @throws StoreFullError, StoreFailedError */
  pruneAudit(): Promise<void>;
}
