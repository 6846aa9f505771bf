import { sameDocument } from './same-document.ts';

/** One place in which two documents differ; an absent side is a member that is not there. */
export interface FieldChange {
  /** JSON pointer (RFC 6901) into the document. */
  readonly pointer: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Where two JSON documents differ, as deep as they have the same shape: members of objects by name, items of lists of one
 * length by position. A list that has grown or shrunk differs as a whole: its items have no names by which to follow them.
 */
export function fieldChanges(before: unknown, after: unknown): readonly FieldChange[] {
  return [...differences('', before, after)];
}

function* differences(pointer: string, before: unknown, after: unknown): Generator<FieldChange> {
  if (sameDocument(before, after)) return;
  if (!areAlike(before, after)) {
    yield changeAt(pointer, before, after);
    return;
  }
  const [left, right] = [before as Record<string, unknown>, after as Record<string, unknown>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)].sort())) {
    yield* differences(`${pointer}/${escapePart(key)}`, memberOf(left, key), memberOf(right, key));
  }
}

function areAlike(before: unknown, after: unknown): boolean {
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) return false;
  if (!Array.isArray(before) && !Array.isArray(after)) return true;
  return Array.isArray(before) && Array.isArray(after) && before.length === after.length;
}

/** Own members alone: `__proto__` is a name like any other. */
function memberOf(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function changeAt(pointer: string, before: unknown, after: unknown): FieldChange {
  return { pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** Exact, unlike the pointers of messages: a difference is applied by it. */
function escapePart(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}
