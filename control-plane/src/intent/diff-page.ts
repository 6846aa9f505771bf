import type { ChangeCounts, IntentKind, ObjectChange } from '../store/store.ts';
import { differingObjects, documentDiff, objectKey, type DocumentDiff } from './diff-documents.ts';

/** Two versions of an object of 256 KiB fit several times. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

export interface DiffPageRequest {
  /** How many objects at most. */
  readonly limit: number;
  /** The key of the last object of the page before. */
  readonly after?: string | undefined;
}

/** A part of a semantic diff, by kind and name. */
export interface DiffPage {
  /** Of the whole. */
  readonly counts: Readonly<Record<IntentKind, ChangeCounts>>;
  readonly items: readonly DocumentDiff[];
  /** How many objects follow that are not shown. */
  readonly truncated: number;
  /** `after` of the next page; absent on the last. */
  readonly next?: string;
}

/**
 * A page of the diff that a change makes. It ends early when the documents in it become long, yet never before it has
 * one object.
 */
export function diffPage(changes: readonly ObjectChange[], { limit, after }: DiffPageRequest): DiffPage {
  const all = differingObjects(changes);
  const rest = after === undefined ? all : all.filter((change) => objectKey(change) > after);
  const items: DocumentDiff[] = [];
  let characters = 0;
  for (const change of rest) {
    const item = documentDiff(change);
    characters += JSON.stringify(item).length;
    if (items.length >= limit || (items.length > 0 && characters > MOST_CHARACTERS)) break;
    items.push(item);
  }
  const [truncated, last] = [rest.length - items.length, items.at(-1)];
  const next = truncated > 0 && last !== undefined ? { next: objectKey(last) } : {};
  return { counts: countChanges(all), items, truncated, ...next };
}

function countChanges(differing: readonly ObjectChange[]): DiffPage['counts'] {
  const countOf = (kind: IntentKind): ChangeCounts => {
    const own = differing.filter((change) => change.kind === kind);
    const added = own.filter(({ before }) => before === undefined).length;
    const removed = own.filter(({ after }) => after === undefined).length;
    return { added, changed: own.length - added - removed, removed };
  };
  const [backend, server, override, host] = [
    countOf('backend'),
    countOf('server'),
    countOf('override'),
    countOf('host'),
  ];
  return { backend, server, override, host };
}
