import type { Wishes } from '../desired/merge-backend.ts';
import type { BackendEntry } from '../intent/intent-state.ts';
import type { ServerName } from '../intent/plan-delete-server.ts';
import { notFound, type Subject } from '../intent/precondition.ts';
import type { WholeBackend } from '../intent/whole-backend.ts';
import { shownServer } from './shown-server.ts';
import { withOthers } from './with-others.ts';

/** A server that a write names, as readers see it when the write is planned. */
export interface SoughtServer extends ServerName {
  /** Its backend, whoever owns it. */
  readonly entry: BackendEntry;
  /** For preconditions; without a revision there is no such server, whoever brings it. */
  readonly subject: Subject;
  /** What others brought then, which the answer shows: they may have moved on since. */
  readonly whole: WholeBackend;
}

/** @throws HeadgateError HEADGATE_NOT_FOUND when there is no such backend */
export function seekServer({ backend, endpoint }: ServerName, { intent, membership }: Wishes): SoughtServer {
  const whole = withOthers(membership);
  const entry = whole(backend, intent);
  if (entry === undefined) throw notFound(`backend ${backend}`);
  const title = `server ${endpoint} in backend ${backend}`;
  const subject = { title, revision: shownServer(entry, endpoint)?.revision };
  return { backend, endpoint, entry, subject, whole };
}
