import { z } from 'zod';
import type { Precondition, RevisionMark } from '../intent/precondition.ts';
import { MARK } from './content-mark.ts';

const TAG = String.raw`(W\/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const LIST = new RegExp(String.raw`^(\*|${TAG}(\s*,\s*${TAG})*)$`);
const LIST_MESSAGE = 'is no list of entity tags — write "12" with its quotes, several separated by commas, or *';
const NEW_MESSAGE = 'is not * — nothing else is known here: the object must not exist yet';

const ifMatch = z
  .string()
  .max(2_000, LIST_MESSAGE)
  .regex(LIST, LIST_MESSAGE)
  .optional()
  .meta({ description: 'Only when the ETag is one of these, * any (RFC 9110, 13.1.1). Weak ones never match.' });

/** Headers of operations that read one object. */
export const readConditions = {
  'if-none-match': z
    .string()
    .max(2_000, LIST_MESSAGE)
    .regex(LIST, LIST_MESSAGE)
    .optional()
    .meta({ description: 'Answers 304 when the ETag is one of these (RFC 9110, 13.1.2).' }),
};

/** Headers of operations that change an object. */
export const changeConditions = {
  'if-match': ifMatch,
  'if-none-match': z
    .literal('*', NEW_MESSAGE)
    .optional()
    .meta({ description: 'Only when it does not exist (RFC 9110, 13.1.2).' }),
};

/** The entity tag of an object that was written last by `revision`, or shows what has this mark. */
export function entityTag(revision: RevisionMark): string {
  return `"${revision}"`;
}

/** Whether a reader holds this revision already (weak comparison: RFC 9110, 8.8.3.2). */
export function isHeld(headers: { readonly 'if-none-match'?: string | undefined }, revision: RevisionMark): boolean {
  const list = headers['if-none-match'];
  if (list === undefined) return false;
  return list === '*' || tagsOf(list).some((tag) => tag.replace(/^W\//, '') === entityTag(revision));
}

/** What a writer believes, as the planners check it on the very state that they plan on. */
export function preconditionOf(headers: {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: '*' | undefined;
}): Precondition {
  const list = headers['if-match'];
  return {
    ifMatch: list === undefined || list === '*' ? list : tagsOf(list).flatMap(revisionOf),
    ifNoneMatch: headers['if-none-match'],
  };
}

function tagsOf(list: string): readonly string[] {
  return list.match(new RegExp(TAG, 'g')) ?? [];
}

/** Nothing for a tag that is weak or none of ours: it matches no object. */
function revisionOf(tag: string): readonly RevisionMark[] {
  const text = tag.replaceAll('"', '');
  if (entityTag(text) !== tag) return [];
  if (MARK.test(text)) return [text];
  return /^(0|[1-9]\d{0,14})$/.test(text) ? [Number(text)] : [];
}
