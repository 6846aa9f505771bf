import { HeadgateError } from '@headgate/shared/error';
import { tokenScope } from '../../access/token-scope.ts';
import { sameDocument } from '../../intent/same-document.ts';
import { reaches, type Actor } from '../scope.ts';

/** What is looked at of a backend's document. */
export interface Sourced {
  readonly name: string;
  readonly sources?: unknown;
}

/** A write of a backend: what is there, undefined for nothing, and what is wanted. */
export interface SourcedWrite {
  readonly before: Sourced | undefined;
  readonly after: Sourced;
}

/**
 * Sources name secrets and make the control plane connect to where they say: whoever may write one backend alone must not
 * decide that, neither for a backend that is there nor with a new one.
 *
 * @throws HeadgateError HEADGATE_FORBIDDEN when such a token would change them
 */
export function assertKeptSources(actor: Pick<Actor, 'name' | 'scopes'>, { before, after }: SourcedWrite): void {
  if (sameDocument(before?.sources, after.sources) || reaches(actor, [tokenScope('write')])) return;
  const detail =
    `The sources of the backend ${after.name} would change, which needs the scope write: they name secrets, and where ` +
    `the control plane connects; the token ${actor.name} has ${actor.scopes.join(', ')} — send sources as they are ` +
    'there, or use a token with the scope';
  throw new HeadgateError('HEADGATE_FORBIDDEN', detail);
}
