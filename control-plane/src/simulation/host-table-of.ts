import { resolveHost, type HostDocument } from '@headgate/shared/model/host';
import { HostTable } from '@headgate/shared/routing/host-table';

/** The table by which data planes would route, compiled as they do it. The documents must be valid and in their one spelling. */
export function hostTableOf(documents: Iterable<HostDocument>): HostTable {
  const draft = HostTable.empty().edit();
  for (const document of documents) draft.set(resolveHost(document));
  return draft.done();
}
