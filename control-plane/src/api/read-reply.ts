import type { RevisionMark } from '../intent/precondition.ts';
import { entityTag, isHeld } from './conditions.ts';
import type { AnswerDefinition } from './operation.ts';
import type { z } from 'zod';
import type { Reply } from './reply.ts';

const ETag = 'The revision that wrote it last, in quotes; with a mark of what is shown where others have a part in it.';

/** Answers of operations that read one object. */
export function readAnswers(schema: z.ZodType): Readonly<Record<200 | 304, AnswerDefinition>> {
  const headers = { ETag };
  return {
    200: { description: 'As it is.', schema, headers },
    304: { description: 'As the caller has it.', headers },
  };
}

export interface ReadItem {
  /** Its own. */
  readonly revision: RevisionMark;
  /** Not asked for when the caller has it. */
  readonly document: () => unknown;
}

/** The answer of a read: the object, or word that the caller has it already. */
export function readReply(headers: { readonly 'if-none-match'?: string | undefined }, item: ReadItem): Reply {
  const etag = { ETag: entityTag(item.revision) };
  if (isHeld(headers, item.revision)) return { status: 304, headers: etag };
  return { status: 200, headers: etag, body: item.document() };
}
