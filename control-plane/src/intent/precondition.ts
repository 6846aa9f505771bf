import { HeadgateError } from '@headgate/shared/error';

/** What tells two states of an object apart: its revision, or a text where others than operators have a part in it. */
export type RevisionMark = number | string;

/** What a writer believes of the object that it is about to change. */
export interface Precondition {
  /** Only when the object's revision is one of these; `*`: only when it exists (RFC 9110, 13.1.1). */
  readonly ifMatch?: readonly RevisionMark[] | '*' | undefined;
  /** Only when the object does not exist (RFC 9110, 13.1.2). */
  readonly ifNoneMatch?: '*' | undefined;
}

/** How an object is put. */
export interface PutOptions extends Precondition {
  /** The object is to be created: it must not exist. For POST. */
  readonly mustBeNew?: boolean | undefined;
}

/** An object as a precondition sees it. */
export interface Subject {
  /** For messages: `backend web`. */
  readonly title: string;
  /** Undefined when it does not exist. */
  readonly revision: RevisionMark | undefined;
}

/**
 * Lets a put pass when the object is as the writer believes.
 *
 * @throws HeadgateError HEADGATE_STALE when a precondition does not hold, HEADGATE_ALREADY_EXISTS when it must be new.
 */
export function checkPut(subject: Subject, options: PutOptions): void {
  checkPrecondition(subject, options);
  if (options.mustBeNew !== true || subject.revision === undefined) return;
  throw new HeadgateError(
    'HEADGATE_ALREADY_EXISTS',
    `There is a ${subject.title} already — replace it with PUT, or choose another name`,
  );
}

/**
 * Lets a deletion pass when the object exists and is as the writer believes.
 *
 * @throws HeadgateError HEADGATE_STALE when a precondition does not hold, HEADGATE_NOT_FOUND when it does not exist.
 */
export function checkDelete(subject: Subject, precondition: Precondition): void {
  checkPrecondition(subject, precondition);
  if (subject.revision === undefined) throw notFound(subject.title);
}

/** The failure of looking for something that is not there. */
export function notFound(title: string): HeadgateError {
  return new HeadgateError('HEADGATE_NOT_FOUND', `There is no ${title} — check the spelling, or create it first`);
}

/** @throws HeadgateError HEADGATE_STALE */
export function checkPrecondition(subject: Subject, precondition: Precondition): void {
  const { ifMatch, ifNoneMatch } = precondition;
  if (ifMatch !== undefined && !matches(ifMatch, subject.revision)) throw stale(subject, 'If-Match');
  if (ifNoneMatch !== undefined && subject.revision !== undefined) throw stale(subject, 'If-None-Match');
}

function matches(wanted: readonly RevisionMark[] | '*', revision: RevisionMark | undefined): boolean {
  return revision !== undefined && (wanted === '*' || wanted.includes(revision));
}

function stale({ title, revision }: Subject, header: string): HeadgateError {
  const found = revision === undefined ? 'does not exist' : `is at ETag "${revision}"`;
  return new HeadgateError(
    'HEADGATE_STALE',
    `${header} does not hold: the ${title} ${found} — read it again, then decide anew`,
  );
}
