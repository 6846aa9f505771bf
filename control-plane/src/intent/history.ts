import { HeadgateError } from '@headgate/shared/error';
import {
  StoreFailedError,
  type KeptRevisions,
  type ObjectChange,
  type RevisionPage,
  type RevisionPageRequest,
  type RevisionSummary,
  type Store,
} from '../store/store.ts';
import { invertChanges } from './invert-changes.ts';

/** What operators wanted before, as far as it is kept. */
export interface History {
  /**
   * Kept revisions, newest first.
   * @throws HeadgateError HEADGATE_UNAVAILABLE
   */
  page(request: RevisionPageRequest): Promise<RevisionPage>;
  /** @throws HeadgateError HEADGATE_NOT_FOUND with the revisions that are kept; HEADGATE_UNAVAILABLE */
  revision(revision: number): Promise<RevisionSummary>;
  /**
   * What turns the configuration of one revision into that of another, whichever is older. The content of the revision
   * before the oldest kept one is known, too.
   * @throws HeadgateError HEADGATE_NOT_FOUND with the revisions that are kept; HEADGATE_UNAVAILABLE
   */
  changes(from: number, to: number): Promise<readonly ObjectChange[]>;
}

export function openHistory(store: Pick<Store, 'revisions' | 'changesBetween'>): History {
  const history: History = {
    page: (request) => available(store.revisions(request)),
    async revision(revision) {
      const { kept, items } = await history.page({ atMost: revision, limit: 1 });
      const [found] = items;
      if (found?.revision === revision) return found;
      throw notKept(`Revision ${revision} is`, kept);
    },
    async changes(from, to) {
      const [older, newer] = [Math.min(from, to), Math.max(from, to)];
      const changes = await available(store.changesBetween(older, newer));
      if (changes !== undefined) return from <= to ? changes : invertChanges(changes);
      const { kept } = await history.page({ limit: 1 });
      throw notKept(missing([older, newer], kept), kept);
    },
  };
  return history;
}

async function available<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof StoreFailedError)) throw error;
    const detail = 'The history could not be read — try again, and look at the log of the control plane';
    throw new HeadgateError('HEADGATE_UNAVAILABLE', detail, { cause: error });
  }
}

function missing(wanted: readonly number[], { oldest, newest }: KeptRevisions): string {
  const absent = [...new Set(wanted)].filter((revision) => revision < oldest - 1 || revision > newest);
  return absent.length > 1 ? `The revisions ${absent.join(' and ')} are` : `Revision ${absent[0] ?? wanted[0]} is`;
}

function notKept(subject: string, { oldest, newest }: KeptRevisions): HeadgateError {
  const kept = newest < oldest ? 'there are none yet' : `those from ${oldest} to ${newest} are`;
  return new HeadgateError('HEADGATE_NOT_FOUND', `${subject} not kept, or not there yet — ${kept}`);
}
