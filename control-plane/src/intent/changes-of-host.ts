import type { HostDocument } from '@headgate/shared/model/host';
import type { ObjectChange } from '../store/store.ts';
import { sameDocument } from './same-document.ts';

/** What turns one host into another; undefined is absent. Empty when both say the same. */
export function changesOfHost(before: HostDocument | undefined, after: HostDocument | undefined): ObjectChange[] {
  const name = before?.host ?? after?.host ?? '';
  return sameDocument(before, after) ? [] : [{ kind: 'host', name, before, after }];
}
