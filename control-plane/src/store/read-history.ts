import { setImmediate } from 'node:timers/promises';
import { NetChanges } from './net-changes.ts';
import type { HistoryTable } from './sqlite-history.ts';
import type { KeptRevisions, ObjectChange, RevisionPage, RevisionPageRequest, RevisionSummary } from './store.ts';

/** Rows that are read before others have their turn: some milliseconds. */
const ROWS_OF_A_TURN = 1_000;

/** A history that goes on, and is pruned, while it is read. */
export interface ReadableHistory {
  kept(): KeptRevisions;
  /** @throws StoreFailedError */
  read<T>(action: (history: HistoryTable) => T): T;
}

/** Kept revisions, newest first. Those that are pruned meanwhile are left out. */
export async function readRevisions(history: ReadableHistory, page: RevisionPageRequest): Promise<RevisionPage> {
  const items: RevisionSummary[] = [];
  const turns = new Turns();
  const first = Math.min(page.atMost ?? Infinity, history.kept().newest);
  for (let revision = first; items.length < page.limit && revision >= history.kept().oldest; revision--) {
    const summary = history.read((table) => table.summaryOf(revision));
    if (summary === undefined) break;
    items.push(summary);
    await turns.spend(rowsOf(summary));
  }
  return { kept: history.read(() => history.kept()), items };
}

/** The net change from one revision to a later one; undefined when it is not known, or no longer. */
export async function readChangesBetween(
  history: ReadableHistory,
  older: number,
  newer: number,
): Promise<readonly ObjectChange[] | undefined> {
  const isKnown = (): boolean =>
    older >= history.kept().oldest - 1 && newer <= history.read(() => history.kept().newest) && older <= newer;
  const net = new NetChanges();
  const turns = new Turns();
  for (let revision = older + 1; isKnown() && revision <= newer; revision++) {
    const commit = history.read((table) => table.read(revision));
    if (commit === undefined) return undefined;
    net.add(commit.objects);
    await turns.spend(commit.objects.length);
  }
  return isKnown() ? net.done() : undefined;
}

function rowsOf({ counts }: RevisionSummary): number {
  return Object.values(counts).reduce((sum, { added, changed, removed }) => sum + added + changed + removed, 1);
}

/** Lets others have their turn between many small reads. */
class Turns {
  #spent = 0;

  async spend(rows: number): Promise<void> {
    this.#spent += rows;
    if (this.#spent < ROWS_OF_A_TURN) return;
    this.#spent = 0;
    await setImmediate();
  }
}
