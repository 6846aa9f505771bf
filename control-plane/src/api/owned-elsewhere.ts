import { HeadgateError } from '@headgate/shared/error';
import { staticSource, type Wishes } from '../desired/merge-backend.ts';
import { layerOf } from '../membership/layer-of.ts';
import type { BackendEntry } from '../intent/intent-state.ts';
import type { ServerName } from '../intent/plan-delete-server.ts';

/** A backend or a host by its name. */
export interface Named {
  readonly kind: 'backend' | 'host';
  readonly name: string;
}

/**
 * Operators change their own alone, where there is something of that name.
 *
 * @throws HeadgateError HEADGATE_OWNED_ELSEWHERE when a document layer owns it
 */
export function assertOwn({ kind, name }: Named, { intent, membership }: Wishes): void {
  const map = kind === 'backend' ? 'backends' : 'hosts';
  if (intent[map].has(name)) return;
  const layer = layerOf(membership, (state) => state[map].has(name));
  if (layer === undefined) return;
  const way =
    kind === 'backend'
      ? `change it there; of its servers, {"state": …} alone can be changed here, by PATCH`
      : 'change it there, or use another pattern';
  throw ownedElsewhere(`The ${kind} ${name} belongs to the document layer ${layer} — ${way}`);
}

/** Why of a server that operators have not written nothing but its state can be changed. */
export function serverOwnedElsewhere(entry: BackendEntry, { backend, endpoint }: ServerName): HeadgateError {
  const { sources = [staticSource(entry)] } = entry.servers.get(endpoint)!;
  const way =
    entry.layer === undefined
      ? "change it there, or PUT it to take it over: it is then operators' own, too"
      : `change it there: its backend belongs to the document layer ${entry.layer}`;
  return ownedElsewhere(
    `The server ${endpoint} in backend ${backend} is brought by ${sources.join(' and ')} — ${way}; ` +
      '{"state": …} alone can be changed here, by PATCH',
  );
}

function ownedElsewhere(detail: string): HeadgateError {
  return new HeadgateError('HEADGATE_OWNED_ELSEWHERE', detail);
}
