import { canonicalJson } from './canonical-json.ts';
import type { Change, IntentKind } from './store.ts';

/** An object's change as rows hold it: documents as canonical JSON, null is absent. */
export interface StoredChange {
  readonly kind: IntentKind;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

const MAX_MESSAGE_CHARACTERS = 1_000;

/**
 * Spells a change out for the database.
 *
 * @throws Error when no store could keep it as it is: no object, one object twice, one absent before and after, names
 *   that are not well-formed Unicode, a message that is too long. All are bugs of the caller.
 */
export function storedChanges(change: Change): readonly StoredChange[] {
  if (change.objects.length === 0) throw new Error('a change must name an object');
  if (change.message.length > MAX_MESSAGE_CHARACTERS) throw new RangeError('the message of a change is too long');
  assertWellFormed(change.author, 'author');
  assertWellFormed(change.message, 'message');
  const seen = new Set<string>();
  return change.objects.map(({ kind, name, before, after }) => {
    const title = `${kind} ${JSON.stringify(name)}`;
    assertWellFormed(name, title);
    if (before === undefined && after === undefined) throw new Error(`${title} is absent before and after`);
    if (seen.size === seen.add(`${kind}/${name}`).size) throw new Error(`${title} is named twice`);
    return { kind, name, before: textOf(before), after: textOf(after) };
  });
}

function textOf(document: unknown): string | null {
  return document === undefined ? null : canonicalJson(document);
}

/** A lone surrogate does not survive UTF-8: the row would come back as another one. */
function assertWellFormed(text: string, title: string): void {
  if (!text.isWellFormed()) throw new TypeError(`the text of ${title} is not well-formed Unicode`);
}
