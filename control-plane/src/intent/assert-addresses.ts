import { HeadgateError } from '@headgate/shared/error';
import { pointerOf, type Fault } from '@headgate/shared/model/fault';
import { limitFaults } from '@headgate/shared/model/limit-faults';
import type { ServerDocument } from '@headgate/shared/model/server';
import type { ObjectChange } from '../store/store.ts';
import type { DocumentReader } from './document-reader.ts';
import { sameDocument } from './same-document.ts';
import { splitServerName } from './server-name.ts';

/**
 * Looks at servers that come back from the past, when other addresses may have been allowed. Pointers are those of the
 * whole configuration, with names in the place of numbers.
 *
 * @throws HeadgateError HEADGATE_INVALID with a fault for each server whose address is refused today
 */
export function assertAddresses(objects: readonly ObjectChange[], documents: Pick<DocumentReader, 'refusal'>): void {
  const faults = limitFaults(addressFaults(objects, documents));
  if (faults.length === 0) return;
  throw new HeadgateError('HEADGATE_INVALID', 'Servers of that revision have addresses that are refused', { faults });
}

function* addressFaults(
  objects: readonly ObjectChange[],
  documents: Pick<DocumentReader, 'refusal'>,
): Generator<Fault> {
  for (const { kind, name, before, after } of objects) {
    // What stays as it is was accepted before.
    if (kind !== 'server' || after === undefined || sameDocument(before, after)) continue;
    const refused = documents.refusal(after as ServerDocument);
    const { backend, endpoint } = splitServerName(name);
    if (refused !== undefined) yield { pointer: pointerOf(['backends', backend, 'servers', endpoint]), ...refused };
  }
}
