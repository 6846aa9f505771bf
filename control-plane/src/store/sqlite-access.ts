import type { AccessChange, AccessStore, AuditEntry, AuditOrigin, AuditRetention } from './access-store.ts';
import type { SqliteTables } from './sqlite-tables.ts';
import type { Commit } from './store.ts';

/** Enough to say what a change was about; one of ten thousand objects names twenty. */
const NAMED_OBJECTS = 20;
/** Of what is no longer kept, a commit takes along this many entries of each lane. */
const PRUNED_ROWS = 50;

/** 100,000 writes, 10,000 refusals of either kind, 90 days. */
export const auditRetentionDefaults: AuditRetention = {
  writes: 100_000,
  refusals: 10_000,
  ageMs: 90 * 24 * 3_600_000,
};

export interface SqliteAccessOptions {
  readonly read: <T>(action: (tables: SqliteTables) => T) => T;
  /** Runs in a transaction that is durable when it returns. */
  readonly transact: <T>(action: (tables: SqliteTables) => T) => T;
  readonly retention: AuditRetention;
  readonly now: () => number;
}

/** Tokens and the audit log in the database of the configuration. */
export function sqliteAccess({ read, transact, retention, now }: SqliteAccessOptions): AccessStore {
  return {
    load: async () => read(({ tokens, joinTokens }) => ({ tokens: tokens.read(), joinTokens: joinTokens.read() })),
    commit: async (change) =>
      transact((tables) => {
        writeAccess(tables, change);
        tables.audit.prune(retention, now(), Math.max(PRUNED_ROWS, 2 * change.audit.length));
      }),
    readAudit: async (query) => read(({ audit }) => audit.read(query)),
    pruneAudit: async () =>
      transact(({ audit }) => {
        audit.recount();
        audit.prune(retention, now(), 1_000);
      }),
  };
}

function writeAccess({ tokens, joinTokens, audit }: SqliteTables, change: AccessChange): void {
  for (const name of change.removeTokens ?? []) tokens.remove(name);
  for (const token of change.putTokens ?? []) tokens.put(token);
  if (change.joinTokens !== undefined) joinTokens.replace(change.joinTokens);
  for (const entry of change.audit) audit.append(entry);
}

/** The control plane's own doing: the configuration that is imported at the first start. */
const noRequest: AuditOrigin = { operation: '', remote: '' };

export interface CommitToNote {
  readonly commit: Commit;
  readonly origin: AuditOrigin | undefined;
  readonly retention: AuditRetention;
}

/** Notes a commit of the configuration, inside its transaction. */
export function noteCommit({ audit }: SqliteTables, { commit, origin = noRequest, retention }: CommitToNote): void {
  audit.append(entryOf(commit, origin));
  audit.prune(retention, commit.at, PRUNED_ROWS);
}

function entryOf({ at, author, message, objects, revision }: Commit, { operation, remote }: AuditOrigin): AuditEntry {
  return {
    ...{ at, operation, remote, message, revision },
    outcome: 'written',
    actor: author,
    objects: objects.slice(0, NAMED_OBJECTS).map(({ kind, name }) => `${kind}/${name}`),
    changes: objects.length,
    count: 1,
  };
}
