import { createHash } from 'node:crypto';
import type { RevisionMark } from '../intent/precondition.ts';

/** What `contentMark` makes. */
export const MARK = /^\d{1,15}-[\w-]{16}$/;

/**
 * Tells two states of an object apart that others than operators have a part in: what they say has no revision. `revision`
 * is that of operators' part, 0 where they have none.
 */
export function contentMark(revision: number, shown: unknown): RevisionMark {
  const digest = createHash('sha256').update(JSON.stringify(shown)).digest('base64url');
  return `${revision}-${digest.slice(0, 16)}`;
}
