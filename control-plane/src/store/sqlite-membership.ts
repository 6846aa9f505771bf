import type { Database } from 'better-sqlite3';
import { canonicalJson } from './canonical-json.ts';
import { damaged, rowDigest, verifyRow } from './row-digest.ts';
import type {
  MembershipCommit,
  MembershipStep,
  MembershipSteps,
  OwnedChange,
  OwnedKey,
  OwnedKind,
  OwnedObject,
} from './store.ts';

/** Versions whose steps are kept: as many as a delta can reach back. */
const KEPT_STEPS = 1_000;

interface OwnedRow extends OwnedKey {
  readonly document: string;
  readonly digest: string;
}

interface StepRow {
  readonly version: number;
  readonly objects: string;
  readonly digest: string;
}

interface OwnedHeadRow {
  readonly count: number;
  readonly version: number;
  readonly digest: string;
}

type OwnedHead = Omit<OwnedHeadRow, 'digest'>;

/** Writes belong into a transaction. */
export interface MembershipTable {
  /**
   * Every object, by owner, kind and name, once it is clear that none is missing.
   * @throws StoreRefusedError `damaged`
   */
  read(): readonly OwnedObject[];
  /** Where the newest change stands; version 0 when there was none. */
  newestVersion(): number;
  /** @throws Error when an object is not what the change says it was. */
  apply(commit: MembershipCommit): void;
  /**
   * The steps after a version, oldest first, as far as they are kept.
   * @throws StoreRefusedError `damaged`
   */
  stepsAfter(version: number): MembershipSteps;
}

export function openMembershipTable(database: Database): MembershipTable {
  const select = database.prepare<[], OwnedRow>('SELECT * FROM owned ORDER BY owner, kind, name');
  const steps = database.prepare<[number], StepRow>('SELECT * FROM membership_step WHERE version > ? ORDER BY version');
  const insertStep = database.prepare('INSERT INTO membership_step (version, objects, digest) VALUES (?, ?, ?)');
  const prune = database.prepare(
    'DELETE FROM membership_step WHERE version <=' +
      ` (SELECT version FROM membership_step ORDER BY version DESC LIMIT 1 OFFSET ${KEPT_STEPS})`,
  );
  const head = openOwnedHead(database);
  const write = openOwnedWriter(database);
  return {
    read() {
      const objects = select.all().map(objectOf);
      const { count } = head.read();
      if (objects.length === count) return objects;
      throw damaged(`there are ${objects.length} objects of layers and sources, and ${count} were written`);
    },
    newestVersion: () => head.read().version,
    apply({ version, objects }) {
      let { count } = head.read();
      for (const change of objects) count += write(change);
      head.write({ count, version });
      const text = JSON.stringify(objects.map(({ kind, name }) => [kind, name]));
      insertStep.run(version, text, rowDigest('membership_step', [version, text]));
      prune.run();
    },
    stepsAfter(version) {
      const kept = steps.all(version).map(stepOf);
      const [first] = kept;
      // A step before the first one may have been dropped.
      const from = first !== undefined && kept.length >= KEPT_STEPS ? first.version - 1 : version;
      return { from, steps: kept };
    },
  };
}

/** Returns by how many objects a change made the table grow. */
function openOwnedWriter(database: Database): (change: OwnedChange) => number {
  const insert = database.prepare(
    'INSERT OR IGNORE INTO owned (owner, kind, name, document, digest) VALUES (?, ?, ?, ?, ?)',
  );
  const where = 'WHERE owner = ? AND kind = ? AND name = ? AND document = ?';
  const update = database.prepare(`UPDATE owned SET document = ?, digest = ? ${where}`);
  const remove = database.prepare(`DELETE FROM owned ${where}`);
  return ({ owner, kind, name, before, after }) => {
    const key = [owner, kind, name];
    const [old, text] = [textOf(before), textOf(after)];
    const digest = rowDigest('owned', [...key, text]);
    const { changes } =
      text === null
        ? remove.run(...key, old)
        : old === null
          ? insert.run(...key, text, digest)
          : update.run(text, digest, ...key, old);
    if (changes !== 1)
      throw new Error(`${kind} ${JSON.stringify(name)} of ${owner} is not what the change says it was`);
    return Number(text !== null) - Number(old !== null);
  };
}

/** There is no row as long as nobody ever brought anything. */
function openOwnedHead(database: Database): { read(): OwnedHead; write(head: OwnedHead): void } {
  const select = database.prepare<[], OwnedHeadRow>('SELECT count, version, digest FROM owned_head WHERE id = 1');
  const insert = database.prepare('INSERT OR REPLACE INTO owned_head VALUES (1, ?, ?, ?)');
  return {
    read() {
      const row = select.get();
      if (row === undefined) return { count: 0, version: 0 };
      verifyRow(row, 'owned_head', [row.count, row.version]);
      return { count: row.count, version: row.version };
    },
    write: ({ count, version }) => void insert.run(count, version, rowDigest('owned_head', [count, version])),
  };
}

function objectOf(row: OwnedRow): OwnedObject {
  const { owner, kind, name, document } = row;
  verifyRow(row, 'owned', [owner, kind, name, document]);
  return { owner, kind, name, document: JSON.parse(document) as unknown };
}

function stepOf(row: StepRow): MembershipStep {
  verifyRow(row, 'membership_step', [row.version, row.objects]);
  const objects = JSON.parse(row.objects) as readonly (readonly [OwnedKind, string])[];
  return { version: row.version, objects: objects.map(([kind, name]) => ({ kind, name })) };
}

function textOf(document: unknown): string | null {
  return document === undefined ? null : canonicalJson(document);
}
