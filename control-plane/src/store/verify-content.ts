import { damaged } from './row-digest.ts';
import type { Head, HeadTable } from './sqlite-head.ts';
import type { HistoryTable } from './sqlite-history.ts';
import type { ObjectTable } from './sqlite-objects.ts';
import type { StoredObject } from './store.ts';

export interface Content {
  readonly heads: HeadTable;
  readonly objects: ObjectTable;
  readonly history: HistoryTable;
}

/**
 * Reads every row once, which checks its digest, and that rows fit together: a page that the disk has lost or brought
 * back from the past is well-formed by itself. Returns where the store stands; `onObject` sees every object.
 *
 * @throws StoreRefusedError `damaged`
 */
export function verifyContent(content: Content, onObject?: (object: StoredObject) => void): Head {
  const head = content.heads.read();
  for (const object of content.objects.read()) {
    verifyObject(object, head);
    onObject?.(object);
  }
  verifyHistory(content, head);
  return head;
}

function verifyObject({ kind, name, revision }: StoredObject, head: Head): void {
  if (revision > head.revision) throw damaged(`the ${kind} ${JSON.stringify(name)} is newer than the store`);
}

function verifyHistory({ history }: Content, head: Head): void {
  let last = { revision: head.prunedRevision, version: head.prunedVersion };
  for (const commit of history.verifyAfter(head.prunedRevision)) {
    if (commit.revision !== last.revision + 1 || commit.version <= last.version) throw gapAfter(last.revision);
    last = commit;
  }
  if (last.revision !== head.revision || last.version > head.version) throw gapAfter(last.revision);
}

function gapAfter(revision: number): Error {
  return damaged(`the history has a gap after revision ${revision}`);
}
