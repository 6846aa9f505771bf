import type { Database } from 'better-sqlite3';
import type { AuditEntry, AuditQuery, AuditRetention, StoredAuditEntry } from './access-store.ts';
import { rowDigest, verifyRow, type Column } from './row-digest.ts';

interface AuditRow {
  readonly lane: number;
  readonly id: number;
  readonly at: number;
  readonly actor: string | null;
  readonly operation: string;
  readonly objects: string;
  readonly changes: number;
  readonly revision: number | null;
  readonly message: string;
  readonly remote: string;
  readonly code: string | null;
  readonly count: number;
  readonly digest: string;
}

export interface AuditTable {
  append(entry: AuditEntry): void;
  /** The newest first. @throws StoreRefusedError `damaged` */
  read(query: AuditQuery): readonly StoredAuditEntry[];
  /** Checks every row. @throws StoreRefusedError `damaged` */
  verify(): void;
  /** Drops at most `rows` entries of each lane that are no longer kept, the oldest first. */
  prune(retention: AuditRetention, now: number, rows: number): void;
  /**
   * Counts the entries anew. Between times their number is kept in memory, because counting reads them all; after a
   * transaction that was taken back it is off by what was taken back, until somebody calls this.
   */
  recount(): void;
}

const WRITES = 0;
const KNOWN_REFUSALS = 1;
const UNKNOWN_REFUSALS = 2;
const lanes = [WRITES, KNOWN_REFUSALS, UNKNOWN_REFUSALS];

export function openAuditTable(database: Database): AuditTable {
  return { ...openAuditReader(database), ...openAuditWriter(database) };
}

function openAuditReader(database: Database): Pick<AuditTable, 'read' | 'verify'> {
  const select = database.prepare<Column[], AuditRow>(
    'SELECT * FROM audit WHERE lane = ? AND id < ? AND (? IS NULL OR actor = ?) AND (? IS NULL OR operation = ?)' +
      ' ORDER BY id DESC LIMIT ?',
  );
  const all = database.prepare<[], AuditRow>('SELECT * FROM audit');
  return {
    read({ limit, before = Number.MAX_SAFE_INTEGER, outcome, actor = null, operation = null }) {
      const asked = lanes.filter((lane) => outcome === undefined || outcome === outcomeOf(lane));
      const rows = asked.flatMap((lane) => select.all(lane, before, actor, actor, operation, operation, limit));
      return rows
        .sort((a, b) => b.id - a.id)
        .slice(0, limit)
        .map(entryOf);
    },
    verify() {
      for (const row of all.iterate()) verifyRow(row, 'audit', rowColumns(row));
    },
  };
}

function openAuditWriter(database: Database): Pick<AuditTable, 'append' | 'prune' | 'recount'> {
  const newest = database
    .prepare<[number], number>('SELECT id FROM audit WHERE lane = ? ORDER BY id DESC LIMIT 1')
    .pluck();
  const insert = database.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const oldest = database.prepare<[number, number], Pick<AuditRow, 'id' | 'at'>>(
    'SELECT id, at FROM audit WHERE lane = ? ORDER BY id LIMIT ?',
  );
  const count = database.prepare<[number], number>('SELECT count(*) FROM audit WHERE lane = ?').pluck();
  const remove = database.prepare('DELETE FROM audit WHERE lane = ? AND id = ?');
  const sizes = lanes.map((lane) => count.get(lane) ?? 0);
  return {
    append(entry) {
      const id = Math.max(...lanes.map((lane) => newest.get(lane) ?? 0)) + 1;
      const columns = entryColumns({ ...entry, id });
      insert.run(...columns, rowDigest('audit', columns));
      sizes[laneOf(entry)]!++;
    },
    prune(retention, now, rows) {
      for (const lane of lanes) {
        const kept = lane === WRITES ? retention.writes : retention.refusals;
        for (const { id, at } of oldest.all(lane, rows)) {
          if (sizes[lane]! <= kept && at >= now - retention.ageMs) break;
          remove.run(lane, id);
          sizes[lane]!--;
        }
      }
    },
    recount: () => lanes.forEach((lane) => (sizes[lane] = count.get(lane) ?? 0)),
  };
}

function laneOf({ outcome, actor }: AuditEntry): number {
  if (outcome === 'written') return WRITES;
  return actor === undefined ? UNKNOWN_REFUSALS : KNOWN_REFUSALS;
}

function outcomeOf(lane: number): AuditEntry['outcome'] {
  return lane === WRITES ? 'written' : 'refused';
}

function entryOf(row: AuditRow): StoredAuditEntry {
  verifyRow(row, 'audit', rowColumns(row));
  const { id, at, operation, changes, message, remote, count } = row;
  return {
    ...{ id, at, operation, changes, message, remote, count },
    outcome: outcomeOf(row.lane),
    actor: row.actor ?? undefined,
    objects: JSON.parse(row.objects) as readonly string[],
    revision: row.revision ?? undefined,
    code: row.code ?? undefined,
  };
}

function entryColumns(entry: StoredAuditEntry): readonly Column[] {
  const { id, at, actor = null, operation, objects, changes, revision = null } = entry;
  const { message, remote, code = null, count } = entry;
  const what = [operation, JSON.stringify(objects), changes, revision];
  return [laneOf(entry), id, at, actor, ...what, message, remote, code, count];
}

function rowColumns(row: AuditRow): readonly Column[] {
  const { lane, id, at, actor, operation, objects, changes, revision, message, remote, code, count } = row;
  return [lane, id, at, actor, operation, objects, changes, revision, message, remote, code, count];
}
